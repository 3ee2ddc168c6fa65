/** The same bytes under another shape: never a copy, so that the device has no such operator. */
import { elements } from '../graph';
import {
  axisOf,
  integers,
  need as needOnnx,
  number,
  refuse,
  word,
  type OnnxContext,
  type Value,
} from '../import/onnx/context';
import { layoutOf, ownOrder, reshaped, transposed } from '../import/onnx/layout';
import { inOrder } from '../import/onnx/order';
import { need, operand, result, type TfConverter } from '../import/tflite/context';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    reshape: object;
  }
}

/** Nothing moves where the dimensions are whole parts of those before, in whatever order memory has them. */
function reshapeTo(c: OnnxContext, shape: number[]): void {
  const x = c.value(0);
  const fits = shape.every(Number.isInteger) && elements(shape) === elements(x.shape);
  needOnnx(fits, `it makes [${shape}] of [${x.shape}]`);
  const seen = reshaped(x, shape);
  if (seen) return c.seenAs(seen);
  const ordered = inOrder(c, x, ownOrder(x.axes));
  c.emit({ op: 'reshape', inputs: [ordered.tensor] }, layoutOf(shape, ownOrder(shape)));
}

function reshapeOnnx(c: OnnxContext): void {
  const x = c.value(0),
    wanted = integers(c, 1, 'shape') ?? refuse('its shape must be a constant');
  const keep = !number(c, 'allowzero', 0),
    shape = wanted.map((d, i) => (d === 0 && keep ? (x.shape[i] ?? 0) : d)),
    rest = elements(shape.filter((d) => d !== -1));
  reshapeTo(
    c,
    shape.map((d) => (d === -1 ? elements(x.shape) / rest : d)),
  );
}

function flatten(c: OnnxContext): void {
  const { shape } = c.value(0),
    given = number(c, 'axis', 1),
    axis = given === shape.length ? given : axisOf(given, shape.length);
  reshapeTo(c, [elements(shape.slice(0, axis)), elements(shape.slice(axis))]);
}

function squeeze(c: OnnxContext): void {
  const { shape } = c.value(0),
    axes = integers(c, 1, 'axes')?.map((a) => axisOf(a, shape.length));
  reshapeTo(
    c,
    shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1)),
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

/** Channels become pixels: Reshape, Transpose, Reshape. */
function depthToSpace(c: OnnxContext): void {
  const x = c.value(0),
    [batch, channels, height, width] = x.shape,
    size = number(c, 'blocksize', 0),
    inner = channels / size ** 2,
    first = word(c, 'mode', 'DCR', ['DCR', 'CRD']) === 'DCR';
  needOnnx(x.shape.length === 4 && Number.isInteger(inner), `its blocks of ${size} do not fit [${x.shape}]`);
  const split = first ? [batch, size, size, inner, height, width] : [batch, inner, size, size, height, width],
    perm = first ? [0, 3, 4, 1, 5, 2] : [0, 1, 4, 2, 5, 3];
  seenThrough(c, x, split, perm, [batch, inner, height * size, width * size]);
}

/** Pixels become channels. */
function spaceToDepth(c: OnnxContext): void {
  const x = c.value(0),
    [batch, channels, height, width] = x.shape,
    size = number(c, 'blocksize', 0),
    [rows, columns] = [height / size, width / size];
  const fits = x.shape.length === 4 && Number.isInteger(rows) && Number.isInteger(columns);
  needOnnx(fits, `its blocks of ${size} do not fit [${x.shape}]`);
  const split = [batch, channels, rows, size, columns, size];
  seenThrough(c, x, split, [0, 3, 5, 1, 2, 4], [batch, channels * size ** 2, rows, columns]);
}

/** An image taken apart, its parts in another order, and put together. */
function seenThrough(c: OnnxContext, x: Value, split: number[], perm: number[], shape: number[]): void {
  const apart = reshaped(x, split),
    together = apart && reshaped(transposed(apart, perm), shape);
  needOnnx(together, `it makes [${shape}] of [${x.shape}] in a way that cannot be followed`);
  c.seenAs(together);
}

/** From TFLite, for every operator that only names the order of bytes anew. */
export const reshapeTf: TfConverter = (op, c) => {
  need(elements(operand(op, 0).shape) === elements(result(op).shape), 'its input and output differ in size');
  c.emit({ op: 'reshape', inputs: [c.name(operand(op, 0))], output: c.name(result(op)) });
};

export const reshape = define({
  kind: 'reshape',
  device: [],
  onnx: {
    DepthToSpace: depthToSpace,
    Flatten: flatten,
    Reshape: reshapeOnnx,
    SpaceToDepth: spaceToDepth,
    Squeeze: squeeze,
    Unsqueeze: unsqueeze,
  },
  tflite: { RESHAPE: reshapeTf, SQUEEZE: reshapeTf, EXPAND_DIMS: reshapeTf },
  scale: () => 'input',
});
