/** Operators that move values or only name their order anew. */
import { elements } from '../graph';
import { axisOf, image, integers, need, number, ordered, refuse, scalar, word, type Context } from './context';

/** Flatten, Reshape, Squeeze, Unsqueeze: the batch of one stays in front; images become vectors, or vectors images. */
function reshapeTo(c: Context, shape: number[]): void {
  const x = c.value(0);
  need(shape.every(Number.isInteger) && elements(shape) === elements(x.shape), `it makes [${shape}] of [${x.shape}]`);
  need(shape[0] === 1, `it makes [${shape}] of [${x.shape}]: the batch of one must stay in front`);
  if (shape.join() === x.shape.join()) return c.alias(x);
  if (shape.length !== 4) {
    if (x.shape.length !== 4) return c.emit({ op: 'reshape', inputs: [x.tensor] }, shape, x.flattened);
    const [, channels, height, width] = x.shape, sameOrder = channels === 1 || height * width === 1;
    return c.emit({ op: 'reshape', inputs: [x.tensor] }, shape, sameOrder ? undefined : [channels, height, width]);
  }
  // An image again as it was, or a vector as an image of one pixel or one channel.
  const onePixel = shape[2] * shape[3] === 1,
    back = x.flattened ? x.flattened.join() === shape.slice(1).join() : x.shape.length !== 4 && (shape[1] === 1 || onePixel);
  need(back, `it makes [${shape}] of [${x.shape}], which would mix channels and pixels`);
  c.emit({ op: 'reshape', inputs: [x.tensor] }, shape);
}

export function reshape(c: Context): void {
  const x = c.value(0), wanted = integers(c, 1, 'shape') ?? refuse('its shape must be a constant');
  const keep = !number(c, 'allowzero', 0), shape = wanted.map((d, i) => (d === 0 && keep ? x.shape[i] : d)),
    rest = elements(shape.filter((d) => d !== -1));
  reshapeTo(c, shape.map((d) => (d === -1 ? elements(x.shape) / rest : d)));
}

export function flatten(c: Context): void {
  const x = c.value(0), given = number(c, 'axis', 1), axis = given === x.shape.length ? given : axisOf(given, x.shape.length);
  need(elements(x.shape.slice(0, axis)) === 1, `it flattens from axis ${axis}`);
  reshapeTo(c, [1, elements(x.shape)]);
}

/** Without axes ONNX takes the batch away too: we keep it. */
export function squeeze(c: Context): void {
  const x = c.value(0), axes = integers(c, 1, 'axes')?.map((a) => axisOf(a, x.shape.length));
  reshapeTo(c, x.shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1 || i === 0)));
}

export function unsqueeze(c: Context): void {
  const x = c.value(0), axes = integers(c, 1, 'axes') ?? refuse('its axes must be a constant'), rank = x.shape.length + axes.length;
  const at = new Set(axes.map((a) => axisOf(a, rank))), rest = [...x.shape];
  need(at.size === axes.length, `its axes are [${axes}]`);
  reshapeTo(c, Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : rest.shift()!)));
}

export function concat(c: Context): void {
  const values = c.node.inputs.map((_, i) => ordered(c, i)), [first] = values;
  need(first && [2, 4].includes(first.shape.length), 'it joins neither images nor vectors');
  const axis = axisOf(number(c, 'axis', 1), first.shape.length);
  need(values.every((v) => v.shape.length === first.shape.length && v.shape.every((d, i) => i === axis || d === first.shape[i])), `it joins [${values.map((v) => v.shape.join(', ')).join('] and [')}]`);
  need(axis > 0, `it joins along axis ${axis}`);
  const shape = first.shape.map((d, i) => (i === axis ? values.reduce((sum, v) => sum + v.shape[i], 0) : d));
  c.emit({ op: 'concatenation', inputs: values.map((v) => v.tensor), axis: first.shape.length === 2 ? axis : [0, 3, 1, 2][axis] }, shape);
}

export function pad(c: Context): void {
  const x = image(c), given = integers(c, 1, 'pads') ?? refuse('its pads must be a constant'), value = scalar(c, 2, 'value', 0);
  word(c, 'mode', 'constant', ['constant']);
  need(Number.isFinite(value), `it pads with ${value}`);
  const axes = (integers(c, 3, 'axes') ?? [0, 1, 2, 3]).map((a) => axisOf(a, 4)), pads = new Array<number>(8).fill(0); // axes: since opset 18
  need(given.length === 2 * axes.length && new Set(axes).size === axes.length, `it has ${given.length} pads for axes [${axes}]`);
  axes.forEach((axis, i) => ((pads[axis] = given[i]), (pads[axis + 4] = given[i + axes.length])));
  need(!pads[0] && !pads[4] && pads.every((p) => p >= 0), `its pads are [${given}]: images grow, batches do not`);
  const nhwc = [0, 2, 3, 1];
  c.emit({
    op: 'pad', inputs: [x.tensor], before: nhwc.map((i) => pads[i]), after: nhwc.map((i) => pads[i + 4]), value,
  }, x.shape.map((d, i) => d + pads[i] + pads[i + 4]));
}
