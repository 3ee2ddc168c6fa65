/**
 * Nodes that compute constants: from constants, or from shapes, which are fixed. Exporters write whole
 * chains of them around Reshape, Slice and Resize.
 */
import { elements } from '../../graph';
import { partOf, whole } from '../../operators/parts';
import { indicesOf } from '../../view';
import { Refusal, axisOf, need } from './context';
import { ownOrder } from './layout';
import type { Constant, OnnxNode } from './read';

/** No file makes us compute more values than this. */
const LARGEST = 2 ** 25;

/** What the folding of a node sees. */
interface Folding {
  node: OnnxNode;
  opset: number;
  /** The constant at input i. */
  input(i: number): Constant;
  /** Whole numbers at input i, or an attribute of older opsets. */
  list(i: number, name: string): number[] | undefined;
  attribute(name: string, otherwise: number): number;
}

type Fold = (f: Folding) => Constant;

const isFloat = ({ data }: Constant): boolean => data instanceof Float32Array;

/** Values of the kind that `like` has. */
function constantLike(like: Constant, shape: number[], values: ArrayLike<number>): Constant {
  if (isFloat(like)) return { shape, data: Float32Array.from(values) };
  return { shape, data: Array.from(values), unsigned: like.unsigned };
}

/** The values at the given places. */
const picked = (x: Constant, shape: number[], places: Int32Array): Constant =>
  constantLike(
    x,
    shape,
    isFloat(x) ? Float32Array.from(places, (p) => x.data[p]) : Array.from(places, (p) => x.data[p]),
  );

const strides = (shape: number[]): number[] => shape.map((_, d) => elements(shape.slice(d + 1)));

/** The shape that two repeated over each other have. */
export function broadcastShape(a: number[], b: number[]): number[] {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [m, n] = [a, b].map((s) => s[i - rank + s.length] ?? 1);
    need(m === n || m === 1 || n === 1, `its operands have the shapes [${a}] and [${b}], which do not fit`);
    return m === 1 ? n : m;
  });
}

/** Places of a constant's values where it is repeated to fill a shape. */
export function repeatedOver(from: number[], shape: number[]): Int32Array {
  need(elements(shape) <= LARGEST, `its output [${shape}] is larger than any microcontroller's memory`);
  const own = strides(from),
    missing = shape.length - from.length;
  return indicesOf({
    sizes: shape,
    strides: shape.map((_, d) => (d < missing || from[d - missing] === 1 ? 0 : own[d - missing])),
  });
}

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

const ofEach =
  (compute: (v: number) => number): Fold =>
  (f) => {
    const x = f.input(0);
    return constantLike(x, x.shape, Array.from(x.data, compute));
  };

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
    own = strides(x.shape);
  need(
    perm.length === x.shape.length && ownOrder(x.shape).every((d) => perm.includes(d)),
    `its perm is [${perm}]`,
  );
  const shape = perm.map((d) => x.shape[d]),
    scales = x.scales && x.scales.length > 1 ? undefined : x.scales;
  return { ...picked(x, shape, indicesOf({ sizes: shape, strides: perm.map((d) => own[d]) })), scales };
}

function gather(f: Folding): Constant {
  const x = f.input(0),
    at = f.input(1),
    axis = axisOf(f.attribute('axis', 0), x.shape.length),
    size = x.shape[axis],
    inner = elements(x.shape.slice(axis + 1)),
    outer = elements(x.shape.slice(0, axis)),
    chosen = Array.from(at.data, (i) => (i < 0 ? i + size : i));
  need(
    chosen.every((i) => Number.isInteger(i) && i >= 0 && i < size),
    `it takes [${at.data.slice(0, 8)}] of ${size}`,
  );
  const shape = [...x.shape.slice(0, axis), ...at.shape, ...x.shape.slice(axis + 1)];
  need(elements(shape) <= LARGEST, `its output [${shape}] is larger than any microcontroller's memory`);
  const places = new Int32Array(elements(shape));
  for (let o = 0, i = 0; o < outer; o++)
    for (const c of chosen) for (let k = 0; k < inner; k++) places[i++] = (o * size + c) * inner + k;
  return picked(x, shape, places);
}

function slice(f: Folding): Constant {
  const x = f.input(0),
    starts = f.list(1, 'starts') ?? [],
    ends = f.list(2, 'ends') ?? [],
    axes = (f.list(3, 'axes') ?? starts.map((_, i) => i)).map((a) => axisOf(a, x.shape.length)),
    steps = f.list(4, 'steps') ?? starts.map(() => 1);
  need(
    [ends, axes, steps].every((l) => l.length === starts.length) && steps.every((s) => s !== 0),
    'its starts, ends, axes and steps do not fit each other',
  );
  const own = strides(x.shape),
    parts = x.shape.map(whole);
  axes.forEach((axis, i) => (parts[axis] = partOf(x.shape[axis], starts[i], ends[i], steps[i])));
  const shape = parts.map((p) => p.count),
    first = parts.reduce((sum, p, d) => sum + p.begin * own[d], 0),
    places = indicesOf({ sizes: shape, strides: parts.map((p, d) => p.stride * own[d]) });
  const channels = parts[0],
    scales =
      x.scales && x.scales.length > 1 && x.scales.length === x.shape[0]
        ? Array.from({ length: channels.count }, (_, i) => x.scales![channels.begin + i * channels.stride])
        : x.scales;
  return {
    ...picked(
      x,
      shape,
      places.map((p) => p + first),
    ),
    scales,
  };
}

function concat(f: Folding): Constant {
  const all = f.node.inputs.map((_, i) => f.input(i)),
    [first] = all,
    axis = axisOf(f.attribute('axis', 0), first.shape.length),
    outer = elements(first.shape.slice(0, axis)),
    alike = all.every(
      (x) =>
        x.shape.length === first.shape.length && x.shape.every((d, i) => i === axis || d === first.shape[i]),
    );
  need(alike, `it joins [${all.map((x) => x.shape.join()).join('] and [')}]`);
  const size = all.reduce((sum, x) => sum + x.shape[axis], 0),
    values: number[] = [];
  for (let o = 0; o < outer; o++)
    for (const { data, shape } of all) {
      const each = elements(shape.slice(axis));
      for (let k = 0; k < each; k++) values.push(data[o * each + k]);
    }
  return constantLike(
    first,
    first.shape.map((d, i) => (i === axis ? size : d)),
    values,
  );
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

function constantOfShape(f: Folding): Constant {
  const shape = f.list(0, 'input') ?? [],
    value = f.node.attributes.get('value') as Constant | undefined;
  need(
    shape.every((d) => d >= 0) && elements(shape) <= LARGEST,
    `its output [${shape}] is larger than any microcontroller's memory`,
  );
  const like = value ?? { shape: [1], data: Float32Array.of(0) };
  return constantLike(like, shape, new Array<number>(elements(shape)).fill(like.data[0]));
}

function range(f: Folding): Constant {
  const [start, limit, delta] = [0, 1, 2].map((i) => f.input(i).data[0]),
    count = Math.max(0, Math.ceil((limit - start) / delta));
  need(count <= LARGEST, 'it counts without end');
  const values = Array.from({ length: count }, (_, i) => start + i * delta);
  return constantLike(f.input(0), [count], values);
}

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

const product = (f: Folding): Constant => {
  const x = f.input(0);
  return constantLike(x, f.attribute('keepdims', 1) ? x.shape.map(() => 1) : [], [
    Array.from(x.data).reduce((a, b) => a * b, 1),
  ]);
};

const same: Fold = (f) => f.input(0);

const folds: Record<string, Fold> = {
  Abs: ofEach(Math.abs),
  Add: elementWise((a, b) => a + b),
  Cast: cast,
  Ceil: ofEach(Math.ceil),
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Div: elementWise((a, b, whole) => (whole ? Math.trunc(a / b) : a / b)),
  Equal: elementWise((a, b) => Number(a === b), true),
  Exp: ofEach(Math.exp),
  Expand: expand,
  Flatten: (f) => {
    const x = f.input(0),
      given = f.attribute('axis', 1),
      axis = given < 0 ? given + x.shape.length : given;
    return {
      ...x,
      shape: [elements(x.shape.slice(0, axis)), elements(x.shape.slice(axis))],
      scales: undefined,
    };
  },
  Floor: ofEach(Math.floor),
  Gather: gather,
  Greater: elementWise((a, b) => Number(a > b), true),
  Identity: same,
  Less: elementWise((a, b) => Number(a < b), true),
  Max: elementWise((a, b) => Math.max(a, b)),
  Min: elementWise((a, b) => Math.min(a, b)),
  Mod: elementWise((a, b) => a - b * Math.floor(a / b)),
  Mul: elementWise((a, b) => a * b),
  Neg: ofEach((v) => -v),
  Not: ofEach((v) => Number(!v)),
  Pow: elementWise((a, b) => a ** b),
  Range: range,
  Reciprocal: ofEach((v) => 1 / v),
  ReduceProd: product,
  Reshape: reshape,
  Slice: slice,
  Sqrt: ofEach(Math.sqrt),
  Squeeze: squeeze,
  Sub: elementWise((a, b) => a - b),
  Transpose: transpose,
  Unsqueeze: unsqueeze,
  Where: where,
};

/** The value of a Constant node. */
function constantOf(node: OnnxNode): Constant {
  const value = node.attributes.get('value') as Constant | undefined,
    int = node.attributes.get('value_int'),
    ints = node.attributes.get('value_ints'),
    float = node.attributes.get('value_float'),
    list = node.attributes.get('value_floats');
  if (value) return value;
  if (typeof int === 'number') return { shape: [], data: [int] };
  if (Array.isArray(ints)) return { shape: [ints.length], data: ints };
  if (typeof float === 'number') return { shape: [], data: Float32Array.of(float) };
  if (Array.isArray(list)) return { shape: [list.length], data: Float32Array.from(list) };
  throw new Refusal('its value is of a kind that is not supported');
}

/** The shape of a tensor, or the part of it that the node asks for. */
function shapeConstant(node: OnnxNode, shape: number[]): Constant {
  const at = (name: string): number | undefined => {
    const value = node.attributes.get(name);
    return typeof value === 'number' ? value : undefined;
  };
  const data = shape.slice(at('start') ?? 0, at('end'));
  return { shape: [data.length], data };
}

/**
 * The constant that a node computes, if it does.
 * @param shapeOf a value's shape, constant or not
 * @throws Refusal when it cannot be computed
 */
export function folded(
  node: OnnxNode,
  opset: number,
  constant: (name: string) => Constant | undefined,
  shapeOf: (name: string) => number[] | undefined,
): Constant | undefined {
  if (node.type === 'Constant') return constantOf(node);
  const shape = shapeOf(node.inputs[0]);
  if (node.type === 'Shape' && shape) return shapeConstant(node, shape);
  if (node.type === 'Size' && shape) return { shape: [], data: [elements(shape)] };
  if (!Object.hasOwn(folds, node.type) || !node.inputs.length) return undefined;
  if (!node.inputs.every((name) => !name || constant(name))) return undefined;
  const input = (i: number): Constant => {
    const found = node.inputs[i] ? constant(node.inputs[i]) : undefined;
    need(found, `its input ${i} is missing`);
    return found;
  };
  return folds[node.type]({
    node,
    opset,
    input,
    list(i, name) {
      const values = node.inputs[i] ? input(i).data : node.attributes.get(name);
      if (values === undefined) return undefined;
      need(
        (Array.isArray(values) || values instanceof Float32Array) &&
          Array.from(values).every(Number.isInteger),
        `its ${name} must be whole numbers`,
      );
      return Array.from(values);
    },
    attribute(name, otherwise) {
      const value = node.attributes.get(name) ?? otherwise;
      need(typeof value === 'number', `its attribute ${name} must be a number`);
      return value;
    },
  });
}
