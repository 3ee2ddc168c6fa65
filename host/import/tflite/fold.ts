/**
 * What is constant is computed before anything is converted: the shapes that Keras computes for a batch whose
 * size it does not know, and constants on their way through casts, scales and other shapes.
 */
import { elements } from '../../graph';
import type { TfModel, TfOperator, TfTensor } from './read';
import { partsOf } from './strided-slice';
import { asInt8, setValues, valuesOf } from './values';

/** Numbers of a shape. */
interface Known {
  shape: number[];
  values: number[];
}

/** @returns undefined where the operator has options or operands that are not understood here */
type Fold = (inputs: Known[], op: TfOperator) => Known | undefined;

/** The most numbers that are computed: more are no shape and no weights that an int8 model holds. */
const MOST = 2 ** 22;

const list = (values: number[]): Known => ({ shape: [values.length], values });

/** Whether an operator's numbers are what they say: those of a scale would have to be computed in it. */
const isPlain = ({ scales, type }: TfTensor): boolean =>
  !scales.length && type !== 'int8' && type !== 'uint8';

/** The shape that RESHAPE makes: of its second operand, or of its options, -1 standing for what is left. */
export function reshaped(op: TfOperator, from: number[]): number[] | undefined {
  const wanted = (op.inputs[1] && valuesOf(op.inputs[1])) ?? op.options?.int32s(0) ?? [],
    rest = elements(wanted.filter((d) => d !== -1)),
    shape = wanted.map((d) => (d === -1 ? elements(from) / rest : d));
  const fits = wanted.length > 0 && shape.every((d) => d > 0 && Number.isInteger(d));
  return fits && elements(shape) === elements(from) ? shape : undefined;
}

/** The same numbers in the shape that the file gives the output, or with a dimension of 1 more. */
const renamed: Fold = ([x], op) => {
  const { shape } = op.outputs[0];
  return elements(shape) === x.values.length ? { shape, values: x.values } : undefined;
};

/** Two operands of one shape, or one of a single value. */
const arithmetic =
  (compute: (a: number, b: number) => number): Fold =>
  ([a, b], op) => {
    if (!b || ![...op.inputs, ...op.outputs].every((t) => t && isPlain(t))) return undefined;
    const [large, small] = a.values.length >= b.values.length ? [a, b] : [b, a];
    if (small.values.length !== 1 && small.shape.join() !== large.shape.join()) return undefined;
    const at = ({ values }: Known, i: number): number => values[values.length === 1 ? 0 : i],
      float = op.outputs[0].type === 'float32',
      values = large.values.map((_, i) => compute(at(a, i), at(b, i)));
    return { shape: large.shape, values: float ? values.map(Math.fround) : values };
  };

/** Lists and single values, one behind the other. */
const joined: Fold = (inputs) =>
  inputs.every(({ shape }) => shape.length < 2) ? list(inputs.flatMap(({ values }) => values)) : undefined;

/** Numbers of one type as those of another, as C converts them. */
const cast: Fold = ([x], op) => {
  const { type } = op.outputs[0];
  if (type === 'float32') return { ...x, values: x.values.map(Math.fround) };
  const bits = { int64: 64, int32: 32, int16: 16, int8: 8, uint8: 8, bool: 8 }[type];
  const fits = (v: number): boolean => Number.isFinite(v) && Math.abs(v) <= 2 ** Math.min(53, bits! - 1) - 1;
  const values = x.values.map(Math.trunc);
  return bits && values.every((v) => fits(v) && (type !== 'uint8' || v >= 0)) ? { ...x, values } : undefined;
};

const dequantize: Fold = ([x], op) => {
  const { type, scales, zeroPoints, axis } = op.inputs[0]!;
  if (type === 'float16') return x;
  const stride = elements(x.shape.slice(axis + 1)),
    channel = (i: number): number => (scales.length === 1 ? 0 : Math.floor(i / stride) % x.shape[axis]);
  if (scales.length !== 1 && scales.length !== x.shape[axis]) return undefined;
  const values = x.values.map((q, i) =>
    Math.fround(scales[channel(i)] * (q - (zeroPoints[channel(i)] ?? 0))),
  );
  return { ...x, values };
};

const quantize: Fold = ([x], op) => {
  const { type, scales } = op.outputs[0];
  if (op.inputs[0]!.type !== 'float32' || type !== 'int8' || scales.length !== 1) return undefined;
  return { ...x, values: x.values.map((v) => asInt8(v, op.outputs[0])) };
};

const gather: Fold = ([x, at], op) => {
  if (x.shape.length !== 1 || (op.options?.int32(0) ?? 0) !== 0) return undefined;
  const values = at.values.map((i) => x.values[i]);
  return values.includes(undefined as never) ? undefined : { shape: at.shape, values };
};

/** Of a list. */
const stridedSlice: Fold = ([x, ...lists], op) => {
  const made =
    x.shape.length === 1 &&
    partsOf(
      x.shape,
      lists.map(({ values }) => values),
      op.options,
    );
  if (!made) return undefined;
  const [{ begin, stride, count }] = made.parts;
  return { shape: made.shape, values: Array.from({ length: count }, (_, i) => x.values[begin + i * stride]) };
};

const product: Fold = ([x, axes], op) =>
  x.shape.length === 1 && axes.values.length === 1
    ? { shape: op.options?.int8(0) ? [1] : [], values: [x.values.reduce((a, b) => a * b, 1)] }
    : undefined;

const fill: Fold = ([shape, value]) => {
  const size = elements(shape.values);
  if (!shape.values.every((d) => d > 0) || size > MOST) return undefined;
  return { shape: shape.values, values: new Array<number>(size).fill(value.values[0]) };
};

const reshapeConstant: Fold = ([x], op) => {
  const shape = reshaped(op, x.shape);
  return shape && { shape, values: x.values };
};

/** With how many inputs each has at least. */
const folds: Record<string, [inputs: number, Fold]> = {
  ADD: [2, arithmetic((a, b) => a + b)],
  SUB: [2, arithmetic((a, b) => a - b)],
  MUL: [2, arithmetic((a, b) => a * b)],
  FLOOR_DIV: [2, arithmetic((a, b) => Math.floor(a / b))],
  MAXIMUM: [2, arithmetic(Math.max)],
  MINIMUM: [2, arithmetic(Math.min)],
  CAST: [1, cast],
  CONCATENATION: [1, joined],
  PACK: [
    1,
    (inputs, op) => (inputs.every(({ values }) => values.length === 1) ? joined(inputs, op) : undefined),
  ],
  DEQUANTIZE: [1, dequantize],
  QUANTIZE: [1, quantize],
  EXPAND_DIMS: [1, renamed],
  SQUEEZE: [1, renamed],
  RESHAPE: [1, reshapeConstant],
  FILL: [2, fill],
  GATHER: [2, gather],
  REDUCE_PROD: [2, product],
  STRIDED_SLICE: [4, stridedSlice],
};

/**
 * Computes what depends on nothing but constants and shapes, into the tensors themselves.
 * @returns the operators that are left
 */
export function foldConstants({ operators }: TfModel, nameOf: (op: TfOperator) => string): TfOperator[] {
  return operators.filter((op) => {
    const [output] = op.outputs,
      name = nameOf(op),
      [least, fold] = Object.hasOwn(folds, name) ? folds[name] : [0];
    if (op.outputs.length !== 1 || output.data.length) return true;
    if (name === 'SHAPE')
      return !(op.inputs[0] && setValues(output, [op.inputs[0].shape.length], op.inputs[0].shape));
    if (name === 'RESHAPE' && op.inputs[0] && !op.inputs[0].data.length) {
      // Where the shape was computed, the file may not know it.
      if (elements(output.shape) !== elements(op.inputs[0].shape))
        output.shape = reshaped(op, op.inputs[0].shape) ?? output.shape;
      return true;
    }
    if (!fold || op.inputs.length < least) return true;
    if (!op.inputs.every((t) => t && t.data.length && elements(t.shape) <= MOST)) return true;
    const inputs = op.inputs.map((t) => ({ shape: t!.shape, values: valuesOf(t!) }));
    if (!inputs.every((x): x is Known => x.values !== undefined)) return true;
    const known = fold(inputs, op);
    return !(known && elements(known.shape) <= MOST && setValues(output, known.shape, known.values));
  });
}
