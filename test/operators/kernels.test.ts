import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { IntParameters, Node } from '../../host/graph';
import { packGraph } from '../../host/file/pack-graph';
import { weightStorage } from '../../host/operators/weights';
import { Random, layerParameters, network, runGraph, window, windowOutput, type Tensors } from '../support/random';
import { reference } from '../support/reference';

/** Operators that were run without the zeros among their weights. */
const sparse: Record<string, number> = {};

/** Operators whose weights have zero points. */
const asymmetric: Record<string, number> = {};

/** Runs a random operator both ways and compares every byte. */
function compare(seed: number, make: (random: Random) => { node: Node<IntParameters>; tensors: Tensors } | undefined): boolean {
  const random = new Random(seed * 2654435761 + 1), made = make(random);
  if (!made) return false;
  const { node, tensors } = made, graph = network(node, tensors), single = seed % 3 === 2,
    options = { rounding: single ? 'single' : 'double', aim: 'size' } as const,
    isSparse = packGraph(graph, options).lowered.nodes[0].operator.startsWith('sparse');
  if (isSparse) sparse[node.op] = (sparse[node.op] ?? 0) + 1;
  if (!isSparse && (node.op === 'conv2d' || node.op === 'fullyConnected') && weightStorage(node.parameters.weights, node.parameters.bias.length).zeroPoints)
    asymmetric[node.op] = (asymmetric[node.op] ?? 0) + 1;
  const inputs = node.inputs.map((name) => random.bytes(tensors[name].shape.reduce((a, b) => a * b)));
  const { output } = runGraph(graph, inputs, options);
  const expected = reference(graph, node, inputs, single);
  for (let i = 0; i < expected.length; i++) {
    if (output[i] !== expected[i])
      assert.unreachable(`seed ${seed}: ${node.op} ${JSON.stringify({ tensors, window: 'window' in node && node.window })} gives ${output[i]} at ${i}, expected ${expected[i]}`);
  }
  return true;
}

/** Tries seeds until `count` random operators have been compared. */
function compareMany(count: number, make: Parameters<typeof compare>[1]): void {
  for (let seed = 1, done = 0; done < count; seed++) if (compare(seed, make)) done++;
}

/** Shapes, window and activation of something that slides over an image. */
function sliding(random: Random, channels: number, most: number, dilate: boolean) {
  const w = window(random, most, dilate), shape = [1, random.between(1, 12), random.between(1, 12), channels];
  const [rows, columns] = windowOutput(w, shape[1], shape[2]);
  return rows < 1 || columns < 1 ? undefined : { window: w, shape, rows, columns, activation: random.activation() };
}

const io = (random: Random, x: number[], y: number[]): Tensors => ({
  x: { shape: x, quantization: random.quantization() }, y: { shape: y, quantization: random.quantization() },
});

test('conv2d equals the direct computation on random shapes', () => {
  compareMany(250, (random) => {
    const s = sliding(random, random.pick([1, 2, 3, 4, 7, 8, 16]), 5, true), outputs = random.pick([1, 2, 5, 8, 16, 33, 40]);
    if (!s) return;
    const taps = s.window.kernel[0] * s.window.kernel[1] * s.shape[3], tensors = io(random, s.shape, [1, s.rows, s.columns, outputs]);
    tensors.y.quantization.scale = Math.fround(tensors.x.quantization.scale * 0.01 * Math.sqrt(taps) * random.pick([5, 40, 100, 0.5]));
    const parameters = layerParameters(random, taps * outputs, outputs, random.below(4) === 0);
    return { node: { op: 'conv2d', name: 'conv', inputs: ['x'], output: 'y', window: s.window, activation: s.activation, parameters }, tensors };
  });
});

test('depthwiseConv2d equals the direct computation on random shapes', () => {
  compareMany(250, (random) => {
    const s = sliding(random, random.pick([1, 2, 3, 4, 8, 11]), random.pick([3, 3, 5]), true), multiplier = random.pick([1, 1, 1, 2, 3]);
    if (!s) return;
    if (random.below(2))
      (s.window.kernel = [3, 3]), (s.window.dilation = [1, 1]), (s.window.pads = [1, 1, 1, 1]), (s.window.stride = random.pick([[1, 1], [2, 2], [1, 2]]));
    const [rows, columns] = windowOutput(s.window, s.shape[1], s.shape[2]);
    if (rows < 1 || columns < 1) return;
    const outputs = s.shape[3] * multiplier, taps = s.window.kernel[0] * s.window.kernel[1];
    const tensors = io(random, s.shape, [1, rows, columns, outputs]);
    tensors.y.quantization.scale = Math.fround(tensors.x.quantization.scale * 0.01 * Math.sqrt(taps) * random.pick([5, 40, 0.5]));
    const parameters = layerParameters(random, taps * outputs, outputs);
    return { node: { op: 'depthwiseConv2d', name: 'dw', inputs: ['x'], output: 'y', window: s.window, multiplier, activation: s.activation, parameters }, tensors };
  });
});

test('depthwiseConv2d on rows longer than one segment', () => {
  for (const width of [127, 128, 129, 300]) {
    for (const stride of [1, 2]) {
      compareMany(1, (random) => {
        const w = { kernel: [3, 3], stride: [stride, stride], dilation: [1, 1], pads: [1, 1, 1, 1] } as ReturnType<typeof window>;
        const [rows, columns] = windowOutput(w, 5, width), tensors = io(random, [1, 5, width, 2], [1, rows, columns, 2]);
        return { node: { op: 'depthwiseConv2d', name: 'dw', inputs: ['x'], output: 'y', window: w, multiplier: 1, activation: 'none', parameters: layerParameters(random, 18, 2) }, tensors };
      });
    }
  }
});

test('fullyConnected equals the direct computation on random shapes', () => {
  compareMany(150, (random) => {
    const inputs = random.between(1, 70), outputs = random.between(1, 30), rows = inputs % 4 === 0 && random.below(3) === 0 ? 3 : 1;
    const tensors = io(random, [rows, inputs], [rows, outputs]);
    tensors.y.quantization.scale = Math.fround(tensors.x.quantization.scale * 0.01 * Math.sqrt(inputs) * random.pick([5, 40, 0.5]));
    const parameters = layerParameters(random, inputs * outputs, outputs, random.below(3) === 0);
    return { node: { op: 'fullyConnected', name: 'fc', inputs: ['x'], output: 'y', activation: random.activation(), parameters }, tensors };
  });
});

test('many of these had weights stored without their zeros', () => assert.ok(sparse.conv2d > 30 && sparse.fullyConnected > 30, JSON.stringify(sparse)));

test('many had weights with zero points', () => assert.ok(asymmetric.conv2d > 20 && asymmetric.fullyConnected > 20, JSON.stringify(asymmetric)));

for (const op of ['maxPool2d', 'averagePool2d'] as const) {
  test(`${op} equals the direct computation on random shapes`, () => {
    compareMany(200, (random) => {
      const s = sliding(random, random.between(1, 9), 4, false);
      if (!s) return;
      const { kernel, stride, pads } = s.window;
      if ([0, 1].some((axis) => ([s.rows, s.columns][axis] - 1) * stride[axis] - pads[axis] >= s.shape[1 + axis])) return; // a window of padding alone
      if (kernel[0] === 1 && random.below(2)) (s.window.kernel = [1, 1]), (s.window.pads = [0, 0, 0, 0]);
      const [rows, columns] = windowOutput(s.window, s.shape[1], s.shape[2]), quantization = random.quantization();
      const tensors = { x: { shape: s.shape, quantization }, y: { shape: [1, rows, columns, s.shape[3]], quantization } };
      return { node: { op, name: 'pool', inputs: ['x'], output: 'y', window: s.window, activation: s.activation }, tensors };
    });
  });
}

test('add equals the direct computation on all pairs of values and random scales', () => {
  compareMany(60, (random) => {
    const shape = [1, random.between(1, 8), random.between(1, 8), random.between(1, 8)];
    const tensors = { a: { shape, quantization: random.quantization() }, b: { shape, quantization: random.quantization() }, y: { shape, quantization: random.quantization() } };
    return { node: { op: 'add', name: 'add', inputs: ['a', 'b'], output: 'y', activation: random.activation() }, tensors };
  });
});

test('sums beyond 2^25 and factors above one take the wide path and stay exact', () => {
  compareMany(20, (random) => {
    const inputs = 4 * random.between(100, 600), tensors = io(random, [1, inputs], [1, 4]);
    tensors.y.quantization.scale = Math.fround(tensors.x.quantization.scale * 0.01 * random.pick([0.3, 200000, 1000]));
    const parameters = { ...layerParameters(random, inputs * 4, 4), weights: new Int8Array(inputs * 4).fill(random.pick([127, -127])), bias: Int32Array.of(0, 2 ** 29, -(2 ** 29), 5) };
    return { node: { op: 'fullyConnected', name: 'fc', inputs: ['x'], output: 'y', activation: 'none', parameters }, tensors };
  });
});

test('concatenation joins along any axis', () => {
  const random = new Random(7), quantization = random.quantization();
  for (const axis of [1, 2, 3]) {
    const shapes = [3, 1, 2].map((n) => [1, 2, 3, 4].map((d, i) => (i === axis ? n : d)));
    const shape = [1, 2, 3, 4].map((d, i) => (i === axis ? 6 : d)), inputs = shapes.map((s) => random.bytes(s.reduce((a, b) => a * b)));
    const tensors: Tensors = { y: { shape, quantization } };
    shapes.forEach((s, i) => (tensors['abc'[i]] = { shape: s, quantization }));
    const { output } = runGraph(network({ op: 'concatenation', name: 'cat', inputs: ['a', 'b', 'c'], output: 'y', axis }, tensors), inputs);
    const cursor = [0, 0, 0], expected: number[] = [], outer = shape.slice(0, axis).reduce((a, b) => a * b);
    for (let n = 0; n < outer; n++) inputs.forEach((values, i) => { for (let k = values.length / outer; k > 0; k--) expected.push(values[cursor[i]++]); });
    assert.equal([...output], expected);
  }
});

test('pad surrounds every dimension with the given value', () => {
  const random = new Random(9), quantization = { scale: 0.5, zeroPoint: 3 }, input = random.bytes(2 * 3 * 2);
  const node: Node<IntParameters> = { op: 'pad', name: 'pad', inputs: ['x'], output: 'y', before: [0, 1, 0, 1], after: [0, 0, 2, 0], value: -2 };
  const { output } = runGraph(network(node, { x: { shape: [1, 2, 3, 2], quantization }, y: { shape: [1, 3, 5, 3], quantization } }), [input]);
  for (let y = 0; y < 3; y++) for (let x = 0; x < 5; x++) for (let c = 0; c < 3; c++) {
    const inside = y >= 1 && x < 3 && c >= 1;
    assert.is(output[(y * 5 + x) * 3 + c], inside ? input[((y - 1) * 3 + x) * 2 + c - 1] : 3 - 4);
  }
});

test.run();
