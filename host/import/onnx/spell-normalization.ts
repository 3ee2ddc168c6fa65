/** Normalizations whose statistics are those of the values themselves, as arithmetic. */
import type { Speller, Spelling } from './speller';

/** x less its mean over some axes, divided by its standard deviation there. */
function centred(s: Speller, x: string, axes: number[], epsilon: number): string {
  const difference = s.add('Sub', [x, s.reduce('ReduceMean', x, axes)]),
    variance = s.reduce('ReduceMean', s.add('Mul', [difference, difference]), axes),
    inverse = s.add('Pow', [s.add('Add', [variance, s.float(epsilon)]), s.float(-0.5)]);
  return s.add('Mul', [difference, inverse]);
}

/** Times a scale and plus a bias, each where it is there. */
function scaled(s: Speller, x: string, scale?: string, bias?: string): string {
  const product = scale ? s.add('Mul', [x, scale]) : x;
  return bias ? s.add('Add', [product, bias]) : product;
}

const shaped = (s: Speller, x: string, shape: number[]): string => s.add('Reshape', [x, s.integers(shape)]);

/** In the shape of x. */
const like = (s: Speller, y: string, x: string): string => s.add('Reshape', [y, s.add('Shape', [x])]);

const epsilonOf = (s: Speller): number => s.number('epsilon', 1e-5);

/** Each channel over all its pixels. */
export const instanceNormalization: Spelling = (s, { input: [x, scale, bias] }) => {
  const lines = shaped(s, x, [0, 0, -1]), // [1, channels, pixels]
    columns = [scale, bias].map((values) => shaped(s, values, [-1, 1]));
  return like(s, scaled(s, centred(s, lines, [2], epsilonOf(s)), ...columns), x);
};

/** Channels in groups; scale and bias are those of groups before opset 21, of channels since. */
export const groupNormalization: Spelling = (s, { input: [x, scale, bias] }) => {
  const lines = shaped(s, x, [0, s.number('num_groups', 1), -1]),
    normal = centred(s, lines, [2], epsilonOf(s)),
    columns = [scale, bias].map((values) => shaped(s, values, [-1, 1]));
  return like(s, scaled(s, s.opset < 21 ? normal : like(s, normal, shaped(s, x, [0, 0, -1])), ...columns), x);
};

/** All dimensions from an axis on. */
export const layerNormalization: Spelling = (s, { input: [x, scale, bias], output }) => {
  const axis = s.number('axis', -1);
  if (output.slice(1).some(Boolean)) return false;
  const normal =
    axis < 0
      ? centred(
          s,
          x,
          Array.from({ length: -axis }, (_, i) => axis + i),
          epsilonOf(s),
        )
      : like(s, centred(s, s.add('Flatten', [x], { axis }), [1], epsilonOf(s)), x);
  return scaled(s, normal, scale, bias);
};

export const meanVarianceNormalization: Spelling = (s, { input: [x] }) => {
  const axes = s.attribute('axes') ?? [0, 2, 3];
  return Array.isArray(axes) && centred(s, x, axes, 1e-9);
};

/** scikit-learn's StandardScaler and its like. */
export const scaler: Spelling = (s, { input: [x] }) => {
  const [offset, scale] = ['offset', 'scale'].map((name) => s.attribute(name));
  if (!Array.isArray(offset) || !Array.isArray(scale)) return false;
  return s.add('Mul', [s.add('Sub', [x, s.floats(offset)]), s.floats(scale)]);
};
