/** Random operators that compute each value from a few, or only move them. */
import { elements, type IntParameters, type Node } from '../../host/graph';
import { inOut, type Tensors } from '../support/network';
import type { Random } from '../support/random';
import { alike, common, shapeOf, type Made } from './made';

/** Two operands, the second repeated. */
export function pair(random: Random, op: 'add' | 'multiply' | 'prelu' | 'maximum'): Made {
  const x = shapeOf(random),
    b = random.pick([[1], x.slice(-1), x.slice(random.below(x.length)), x]),
    { x: one, y } = op === 'maximum' ? alike(random, x, x) : inOut(random, x, x),
    second = { shape: b, quantization: op === 'maximum' ? one.quantization : random.quantization() };
  const node = { ...common, inputs: ['x', 'b'], op, activation: random.activation() };
  return { node: node as Node<IntParameters>, tensors: { x: one, b: second, y } };
}

export function joined(random: Random): Made {
  const shape = shapeOf(random),
    axis = random.below(shape.length),
    sizes = Array.from({ length: random.between(1, 4) }, () => random.between(1, 4)),
    quantization = random.quantization();
  const along = (size: number) => ({ shape: shape.map((d, i) => (i === axis ? size : d)), quantization });
  const tensors: Tensors = Object.fromEntries(sizes.map((size, i) => [`x${i}`, along(size)]));
  const inputs = Object.keys(tensors);
  return {
    node: { ...common, op: 'concatenation', inputs, axis },
    tensors: { ...tensors, y: along(sizes.reduce((a, b) => a + b)) },
  };
}

export function padded(random: Random): Made {
  const x = shapeOf(random),
    [before, after] = [0, 1].map(() => x.map(() => random.below(3)));
  return {
    node: { ...common, op: 'pad', before, after, value: random.between(-128, 127) },
    tensors: alike(
      random,
      x,
      x.map((d, i) => before[i] + d + after[i]),
    ),
  };
}

export function transposed(random: Random): Made {
  const x = shapeOf(random),
    permutation = x.map((_, i) => i);
  for (let i = x.length - 1; i > 0; i--) {
    const k = random.below(i + 1);
    [permutation[i], permutation[k]] = [permutation[k], permutation[i]];
  }
  return {
    node: { ...common, op: 'transpose', permutation },
    tensors: alike(
      random,
      x,
      permutation.map((d) => x[d]),
    ),
  };
}

export function sliced(random: Random): Made {
  const x = shapeOf(random),
    stride = x.map(() => random.pick([1, 1, 2, -1, -2])),
    begin = x.map((d) => random.below(d)),
    count = x.map((d, i) => {
      const room = stride[i] > 0 ? d - 1 - begin[i] : begin[i];
      return 1 + random.below(Math.floor(room / Math.abs(stride[i])) + 1);
    });
  return { node: { ...common, op: 'slice', begin, stride, count }, tensors: alike(random, x, count) };
}

/** Rows and columns of places in the input: whole ones, or for bilinear resizing in parts of pixels. */
export function resized(random: Random, op: 'resizeNearest' | 'resizeBilinear'): Made {
  const [, h, w, c] = shapeOf(random, 4),
    places = (size: number): number[] =>
      Array.from({ length: random.between(1, 8) }, () =>
        op === 'resizeNearest' ? random.below(size) : random.below((size - 1) * 1024 + 1) / 1024,
      ),
    rows = places(h),
    columns = places(w);
  return {
    node: { ...common, op, rows, columns },
    tensors: alike(random, [1, h, w, c], [1, rows.length, columns.length, c]),
  };
}

export function unary(random: Random, op: 'lookup' | 'softmax' | 'logSoftmax'): Made {
  const x = shapeOf(random),
    node =
      op === 'lookup' ? { op, function: random.pick(['tanh', 'requantize', 'hardSwish']) } : { op, beta: 1 },
    tensors = inOut(random, x, x);
  if (op === 'softmax') tensors.y.quantization = { scale: 1 / 256, zeroPoint: -128 };
  if (op === 'logSoftmax') tensors.y.quantization = { scale: 1 / 16, zeroPoint: 127 };
  return { node: { ...common, ...node } as Node<IntParameters>, tensors };
}

export function constant(random: Random): Made {
  const y = shapeOf(random);
  return {
    node: { ...common, op: 'constant', inputs: [], data: random.bytes(elements(y)) },
    tensors: inOut(random, [4], y),
  };
}
