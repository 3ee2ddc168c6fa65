/** Constants computed value by value: of one constant, or of several that are repeated over each other. */
import { elements } from '../../graph';
import { axisOf } from './context';
import { broadcastShape, repeatedOver } from './repeat';
import { constantLike, isFloat, picked, type Fold, type Folding } from './folding';
import type { Constant } from './read';

const elementWise =
  (compute: (a: number, b: number, whole: boolean) => number, isTruth = false): Fold =>
  (f) => {
    const a = f.input(0),
      b = f.input(1),
      shape = broadcastShape(a.shape, b.shape),
      from = repeatedOver(a.shape, shape),
      other = repeatedOver(b.shape, shape),
      whole = !isFloat(a),
      values = Array.from(from, (p, i) => Number(compute(a.data[p], b.data[other[i]], whole)));
    return isTruth ? { shape, data: values } : constantLike(a, shape, values);
  };

/** The same of more operands than two, one after the other. */
const ofAll =
  (compute: (a: number, b: number) => number): Fold =>
  (f) =>
    f.node.inputs
      .map((_, i) => f.input(i))
      .reduce((a, b) => elementWise(compute)({ ...f, input: (i) => [a, b][i] }));

const ofEach =
  (compute: (v: number) => number): Fold =>
  (f) => {
    const x = f.input(0);
    return constantLike(x, x.shape, Array.from(x.data, compute));
  };

function expand(f: Folding): Constant {
  const x = f.input(0),
    shape = broadcastShape(x.shape, f.list(1, 'shape') ?? []);
  return picked(x, shape, repeatedOver(x.shape, shape));
}

function where(f: Folding): Constant {
  const [test, a, b] = [0, 1, 2].map((i) => f.input(i)),
    shape = broadcastShape(broadcastShape(test.shape, a.shape), b.shape),
    [t, p, q] = [test, a, b].map((x) => repeatedOver(x.shape, shape));
  return constantLike(
    a,
    shape,
    Array.from(t, (at, i) => (test.data[at] ? a.data[p[i]] : b.data[q[i]])),
  );
}

/** Of all values together, or of those along the given axes. */
const reduction =
  (reduce: (values: number[]) => number): Fold =>
  (f) => {
    const x = f.input(0),
      rank = x.shape.length,
      listed = f.list(1, 'axes')?.map((a) => axisOf(a, rank)) ?? [],
      axes = listed.length ? listed : x.shape.map((_, d) => d),
      left = x.shape.map((size, d) => (axes.includes(d) ? 1 : size)),
      groups = Array.from({ length: elements(left) }, (): number[] => []);
    repeatedOver(left, x.shape).forEach((to, i) => groups[to].push(x.data[i]));
    const shape = f.attribute('keepdims', 1) ? left : x.shape.filter((_, d) => !axes.includes(d));
    return constantLike(x, shape, groups.map(reduce));
  };

const sum = (values: number[]): number => values.reduce((a, b) => a + b, 0);

function clip(f: Folding): Constant {
  const x = f.input(0),
    bound = (i: number, name: string, otherwise: number): number =>
      f.node.inputs[i] ? f.input(i).data[0] : f.attribute(name, otherwise),
    [low, high] = [bound(1, 'min', -Infinity), bound(2, 'max', Infinity)];
  return constantLike(
    x,
    x.shape,
    Array.from(x.data, (v) => Math.min(high, Math.max(low, v))),
  );
}

export const arithmetic: Record<string, Fold> = {
  Abs: ofEach(Math.abs),
  Add: elementWise((a, b) => a + b),
  And: elementWise((a, b) => Number(a && b), true),
  Ceil: ofEach(Math.ceil),
  Clip: clip,
  Cos: ofEach(Math.cos),
  Div: elementWise((a, b, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Equal: elementWise((a, b) => Number(a === b), true),
  Exp: ofEach(Math.exp),
  Expand: expand,
  Floor: ofEach(Math.floor),
  Greater: elementWise((a, b) => Number(a > b), true),
  GreaterOrEqual: elementWise((a, b) => Number(a >= b), true),
  Less: elementWise((a, b) => Number(a < b), true),
  LessOrEqual: elementWise((a, b) => Number(a <= b), true),
  Log: ofEach(Math.log),
  Max: ofAll((a, b) => Math.max(a, b)),
  Min: ofAll((a, b) => Math.min(a, b)),
  Mod: elementWise((a, b) => a - b * Math.floor(a / b)),
  Mul: elementWise((a, b) => a * b),
  Neg: ofEach((v) => -v),
  Not: ofEach((v) => Number(!v)),
  Or: elementWise((a, b) => Number(a || b), true),
  Pow: elementWise((a, b) => a ** b),
  Reciprocal: ofEach((v) => 1 / v),
  ReduceMax: reduction((values) => Math.max(...values)),
  ReduceMean: reduction((values) => sum(values) / values.length),
  ReduceMin: reduction((values) => Math.min(...values)),
  ReduceProd: reduction((values) => values.reduce((a, b) => a * b, 1)),
  ReduceSum: reduction(sum),
  Sigmoid: ofEach((v) => 1 / (1 + Math.exp(-v))),
  Sin: ofEach(Math.sin),
  Sqrt: ofEach(Math.sqrt),
  Sub: elementWise((a, b) => a - b),
  Tanh: ofEach(Math.tanh),
  Where: where,
};
