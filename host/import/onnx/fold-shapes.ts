/** Constants seen under another shape, type, or order of their dimensions. */
import { elements } from '../../graph';
import { indicesOf, stridesOf } from '../../view';
import { axisOf, need } from './context';
import { picked, type Fold, type Folding } from './folding';
import { ownOrder } from './layout';
import type { Constant } from './read';

function reshape(f: Folding): Constant {
  const x = f.input(0),
    wanted = f.list(1, 'shape') ?? [],
    kept = wanted.map((d, i) => (d === 0 && !f.attribute('allowzero', 0) ? x.shape[i] : d)),
    rest = elements(kept.filter((d) => d !== -1)),
    shape = kept.map((d) => (d === -1 ? elements(x.shape) / rest : d));
  need(elements(shape) === elements(x.shape), `it makes [${wanted}] of [${x.shape}]`);
  return { ...x, shape, scales: undefined };
}

function squeeze(f: Folding): Constant {
  const x = f.input(0),
    axes = f.list(1, 'axes')?.map((a) => axisOf(a, x.shape.length));
  return { ...x, shape: x.shape.filter((d, i) => (axes ? !axes.includes(i) : d !== 1)), scales: undefined };
}

function unsqueeze(f: Folding): Constant {
  const x = f.input(0),
    given = f.list(1, 'axes') ?? [],
    rank = x.shape.length + given.length,
    axes = given.map((a) => axisOf(a, rank)),
    rest = [...x.shape];
  need(new Set(axes).size === axes.length, `its axes are [${given}]`);
  return {
    ...x,
    shape: Array.from({ length: rank }, (_, i) => (axes.includes(i) ? 1 : rest.shift()!)),
    scales: undefined,
  };
}

function transpose(f: Folding): Constant {
  const x = f.input(0),
    perm = f.list(-1, 'perm') ?? ownOrder(x.shape).reverse(),
    own = stridesOf(x.shape);
  need(
    perm.length === x.shape.length && ownOrder(x.shape).every((d) => perm.includes(d)),
    `its perm is [${perm}]`,
  );
  const shape = perm.map((d) => x.shape[d]),
    scales = x.scales && x.scales.length > 1 ? undefined : x.scales;
  return { ...picked(x, shape, indicesOf({ sizes: shape, strides: perm.map((d) => own[d]) })), scales };
}

/** ONNX's numbers for types of whole numbers and truth values; all others are floats here. */
const WHOLE = new Set([2, 3, 4, 5, 6, 7, 9, 12, 13]),
  TRUTH = 9;

function cast(f: Folding): Constant {
  const { shape, data, scales } = f.input(0),
    to = f.attribute('to', 1);
  if (!WHOLE.has(to)) return { shape, data: Float32Array.from(data), scales };
  return {
    shape,
    data: Array.from(data, to === TRUTH ? (v) => Number(v !== 0) : Math.trunc),
    unsigned: to === 2,
  };
}

function flatten(f: Folding): Constant {
  const x = f.input(0),
    given = f.attribute('axis', 1),
    axis = given < 0 ? given + x.shape.length : given;
  return {
    ...x,
    shape: [elements(x.shape.slice(0, axis)), elements(x.shape.slice(axis))],
    scales: undefined,
  };
}

export const shapes: Record<string, Fold> = {
  Cast: cast,
  Flatten: flatten,
  Identity: (f) => f.input(0),
  Reshape: reshape,
  Squeeze: squeeze,
  Transpose: transpose,
  Unsqueeze: unsqueeze,
};
