/** Constants taken apart, put together, and made of nothing. */
import { elements } from '../../graph';
import { indicesOf, stridesOf } from '../../view';
import { axisOf, need } from './context';
import { constantLike, needRoom, picked, type Fold, type Folding } from './folding';
import type { Constant } from './read';
import { partsOf } from './slice-parts';

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
  needRoom(shape);
  const places = new Int32Array(elements(shape));
  for (let o = 0, i = 0; o < outer; o++)
    for (const c of chosen) for (let k = 0; k < inner; k++) places[i++] = (o * size + c) * inner + k;
  return picked(x, shape, places);
}

function slice(f: Folding): Constant {
  const x = f.input(0),
    starts = f.list(1, 'starts') ?? [],
    ends = f.list(2, 'ends') ?? [],
    parts = partsOf(x.shape, starts, ends, f.list(3, 'axes'), f.list(4, 'steps')),
    own = stridesOf(x.shape);
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

function constantOfShape(f: Folding): Constant {
  const shape = f.list(0, 'input') ?? [],
    value = f.node.attributes.get('value') as Constant | undefined;
  need(
    shape.every((d) => d >= 0),
    `its shape is [${shape}]`,
  );
  needRoom(shape);
  const like = value ?? { shape: [1], data: Float32Array.of(0) };
  return constantLike(like, shape, new Array<number>(elements(shape)).fill(like.data[0]));
}

function range(f: Folding): Constant {
  const [start, limit, delta] = [0, 1, 2].map((i) => f.input(i).data[0]),
    count = Math.max(0, Math.ceil((limit - start) / delta));
  needRoom([count]);
  const values = Array.from({ length: count }, (_, i) => start + i * delta);
  return constantLike(f.input(0), [count], values);
}

function tile(f: Folding): Constant {
  const x = f.input(0),
    repeats = f.list(1, 'repeats') ?? [];
  need(
    repeats.length === x.shape.length && repeats.every((n) => n >= 0),
    `it repeats [${x.shape}] [${repeats}] times`,
  );
  const shape = x.shape.map((size, d) => size * repeats[d]);
  needRoom(shape);
  const own = stridesOf(x.shape),
    // Each dimension as how often it is repeated, and itself.
    places = indicesOf({
      sizes: x.shape.flatMap((size, d) => [repeats[d], size]),
      strides: own.flatMap((stride) => [0, stride]),
    });
  return picked(x, shape, places);
}

export const parts: Record<string, Fold> = {
  Concat: concat,
  ConstantOfShape: constantOfShape,
  Gather: gather,
  Range: range,
  Slice: slice,
  Tile: tile,
};
