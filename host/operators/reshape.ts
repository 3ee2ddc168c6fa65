/** The same bytes under another shape: never a copy, so that the device has no such operator. */
import { elements } from '../graph';
import { axisOf, integers, need as needOnnx, number, refuse, type OnnxContext } from '../import/onnx/context';
import { need, operand, result, type TfConverter } from '../import/tflite/context';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    reshape: object;
  }
}

/** The batch of one stays in front; images become vectors, or vectors images. */
function reshapeTo(c: OnnxContext, shape: number[]): void {
  const x = c.value(0);
  const fits = shape.every(Number.isInteger) && elements(shape) === elements(x.shape);
  needOnnx(fits, `it makes [${shape}] of [${x.shape}]`);
  needOnnx(shape[0] === 1, `it makes [${shape}] of [${x.shape}]: the batch of one must stay in front`);
  if (shape.join() === x.shape.join()) return c.alias(x);
  if (shape.length !== 4) {
    if (x.shape.length !== 4) return c.emit({ op: 'reshape', inputs: [x.tensor] }, shape, x.flattened);
    const [, channels, height, width] = x.shape,
      sameOrder = channels === 1 || height * width === 1;
    return c.emit(
      { op: 'reshape', inputs: [x.tensor] },
      shape,
      sameOrder ? undefined : [channels, height, width],
    );
  }
  // An image again as it was, or a vector as an image of one pixel or one channel.
  const onePixel = shape[2] * shape[3] === 1,
    asBefore = x.flattened?.join() === shape.slice(1).join(),
    back = x.flattened ? asBefore : x.shape.length !== 4 && (shape[1] === 1 || onePixel);
  needOnnx(back, `it makes [${shape}] of [${x.shape}], which would mix channels and pixels`);
  c.emit({ op: 'reshape', inputs: [x.tensor] }, shape);
}

function reshapeOnnx(c: OnnxContext): void {
  const x = c.value(0),
    wanted = integers(c, 1, 'shape') ?? refuse('its shape must be a constant');
  const keep = !number(c, 'allowzero', 0),
    shape = wanted.map((d, i) => (d === 0 && keep ? x.shape[i] : d)),
    rest = elements(shape.filter((d) => d !== -1));
  reshapeTo(
    c,
    shape.map((d) => (d === -1 ? elements(x.shape) / rest : d)),
  );
}

function flatten(c: OnnxContext): void {
  const x = c.value(0),
    given = number(c, 'axis', 1),
    axis = given === x.shape.length ? given : axisOf(given, x.shape.length);
  needOnnx(elements(x.shape.slice(0, axis)) === 1, `it flattens from axis ${axis}`);
  reshapeTo(c, [1, elements(x.shape)]);
}

/** Without axes ONNX takes the batch away too: we keep it. */
function squeeze(c: OnnxContext): void {
  const x = c.value(0),
    axes = integers(c, 1, 'axes')?.map((a) => axisOf(a, x.shape.length));
  reshapeTo(
    c,
    x.shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1 || i === 0)),
  );
}

function unsqueeze(c: OnnxContext): void {
  const x = c.value(0),
    axes = integers(c, 1, 'axes') ?? refuse('its axes must be a constant'),
    rank = x.shape.length + axes.length;
  const at = new Set(axes.map((a) => axisOf(a, rank))),
    rest = [...x.shape];
  needOnnx(at.size === axes.length, `its axes are [${axes}]`);
  reshapeTo(
    c,
    Array.from({ length: rank }, (_, i) => (at.has(i) ? 1 : rest.shift()!)),
  );
}

/** From TFLite, for every operator that only names the order of bytes anew. */
export const reshapeTf: TfConverter = (op, c) => {
  need(elements(operand(op, 0).shape) === elements(result(op).shape), 'its input and output differ in size');
  c.emit({ op: 'reshape', inputs: [c.name(operand(op, 0))], output: c.name(result(op)) });
};

export const reshape = define({
  kind: 'reshape',
  device: [],
  onnx: { Flatten: flatten, Reshape: reshapeOnnx, Squeeze: squeeze, Unsqueeze: unsqueeze },
  tflite: { RESHAPE: reshapeTf, SQUEEZE: reshapeTf, EXPAND_DIMS: reshapeTf },
  scale: () => 'input',
});
