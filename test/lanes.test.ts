import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { IntGraph, IntParameters, Node } from '../host/graph';
import { canRunOnLanes } from '../host/lanes/encode';
import { onLanes } from '../host/lanes/choose';
import { tapStorage } from '../host/lanes/taps';
import { serialize } from '../host/serialize';
import { storageOf } from '../host/storage';
import { load, run } from '../src/model';
import { Random, layerParameters, network, window, windowOutput, type Tensors } from './random';

function outputOf(graph: IntGraph, inputs: Int8Array[], single: boolean): Int8Array {
  const model = load(serialize(graph, { rounding: single ? 'single' : 'double', labels: [] }).file.buffer);
  inputs.forEach((values, i) => model.inputs[i].set(values));
  run(model);
  return model.outputs[0].slice();
}

/** Convolutions that ran without the zeros among their weights. */
let sparse = 0;

/** Operators whose weights have zero points. */
const asymmetric: Record<string, number> = {};

/** Runs a random operator with both kernel sets and compares every byte. @returns whether it can run on lanes */
function compare(seed: number, make: (random: Random) => { node: Node<IntParameters>; tensors: Tensors } | undefined): boolean {
  const random = new Random(seed * 2654435761 + 1), made = make(random);
  if (!made) return false;
  const { node, tensors } = made, graph = network(node, tensors), single = random.below(3) === 0;
  if (!canRunOnLanes(graph, node, single)) return false;
  const lanes = onLanes(graph, { single, budget: random.pick([1, 2000, 1e6]), aim: seed % 2 ? 'balance' : 'speed' }),
    inputs = node.inputs.map((name) => random.bytes(tensors[name].shape.reduce((a, b) => a * b)));
  assert.ok(lanes.nodes.some((n) => n.stripRows), 'it is on lanes');
  if (lanes.nodes.some((n) => n.sparse)) sparse++;
  for (const n of lanes.nodes) {
    if (n.sparse || (n.op !== 'conv2d' && n.op !== 'fullyConnected')) continue;
    const { weights, bias } = n.parameters,
      { zeroPoints } = n.op === 'fullyConnected' || n.pointwise ? storageOf(weights, bias.length) : tapStorage(n, lanes.tensors.get(n.inputs[0])!.shape[3]);
    const kernel = n.pointwise ? 'pointwise' : n.op;
    if (zeroPoints) asymmetric[kernel] = (asymmetric[kernel] ?? 0) + 1;
  }
  const expected = outputOf(graph, inputs, single), got = outputOf(lanes, inputs, single);
  for (let i = 0; i < expected.length; i++) {
    if (got[i] !== expected[i])
      assert.unreachable(`seed ${seed}: ${node.op} ${JSON.stringify({ tensors, single, window: 'window' in node && node.window })} gives ${got[i]} at ${i}, scalar kernels ${expected[i]}`);
  }
  return true;
}

function compareMany(count: number, make: Parameters<typeof compare>[1]): void {
  for (let seed = 1, done = 0; done < count; seed++) {
    if (compare(seed, make)) done++;
    assert.ok(seed < count * 200, `only ${done} of ${seed} could run on lanes`);
  }
}

/** Output scales as calibration finds them: some sums saturate, most do not. */
function convolution(random: Random, depthwise: boolean): { node: Node<IntParameters>; tensors: Tensors } | undefined {
  const w = window(random, random.pick([1, 3, 3, 5, 7]), false), channels = random.pick([1, 2, 3, 4, 8, 13]), multiplier = random.pick([1, 1, 2, 3]);
  w.stride = [random.between(1, 2), random.between(1, 2)];
  if (random.below(2)) w.stride = [w.stride[0], w.stride[0]];
  const shape = [1, random.between(1, 14), random.between(1, 14), channels], [rows, columns] = windowOutput(w, shape[1], shape[2]);
  if (rows < 1 || columns < 1) return undefined;
  const outputs = depthwise ? channels * multiplier : random.pick([1, 2, 3, 5, 8]), taps = w.kernel[0] * w.kernel[1] * (depthwise ? 1 : channels);
  const tensors: Tensors = { x: { shape, quantization: random.quantization() }, y: { shape: [1, rows, columns, outputs], quantization: random.quantization() } };
  if (random.below(2)) tensors.x.quantization.zeroPoint = -128;
  if (random.below(2)) tensors.y.quantization.zeroPoint = -128;
  tensors.y.quantization.scale = Math.fround(tensors.x.quantization.scale * 0.01 * Math.sqrt(taps) * random.pick([5, 40, 100]));
  const parameters = layerParameters(random, taps * outputs, outputs, random.below(4) === 0),
    common = { name: 'conv', inputs: ['x'], output: 'y', window: w, activation: random.pick(['none', 'none', 'relu', 'relu6'] as const), parameters };
  return { node: depthwise ? { op: 'depthwiseConv2d', multiplier, ...common } : { op: 'conv2d', ...common }, tensors };
}

test('conv2d on lanes equals the scalar kernel on random shapes', () => compareMany(150, (random) => convolution(random, false)));
test('many of these had taps stored without their zeros', () => assert.ok(sparse > 30, `${sparse}`));
test('conv2d on lanes equals the scalar kernel where weights have zero points', () => {
  compareMany(40, (random) => {
    const made = convolution(random, false);
    return made?.node.op === 'conv2d' && tapStorage(made.node, made.tensors.x.shape[3]).zeroPoints ? made : undefined;
  });
});
test('1 x 1 convolution with a lane for each output equals the scalar kernel on random shapes', () => {
  compareMany(80, (random) => {
    const shape = [1, random.between(1, 9), random.between(2, 9), random.pick([1, 3, 8, 40])], outputs = random.between(30, 70),
      made = convolution(random, false)!;
    if (!made || made.node.op !== 'conv2d') return undefined;
    const { x, y } = made.tensors, tensors = { x: { ...x, shape }, y: { ...y, shape: [...shape.slice(0, 3), outputs] } };
    y.quantization.scale = Math.fround(x.quantization.scale * 0.01 * Math.sqrt(shape[3]) * 40);
    const one = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] } as never;
    return { node: { ...made.node, window: one, parameters: layerParameters(random, shape[3] * outputs, outputs) }, tensors };
  });
});

test('depthwiseConv2d on lanes equals the scalar kernel on random shapes', () => compareMany(150, (random) => convolution(random, true)));

test('fullyConnected on lanes equals the scalar kernel on random shapes', () => {
  compareMany(60, (random) => {
    const inputs = random.pick([random.between(1, 40), random.between(250, 600)]), outputs = random.between(24, 50),
      quantization = random.quantization();
    if (random.below(2)) quantization.zeroPoint = -128;
    const tensors: Tensors = { x: { shape: [1, inputs], quantization }, y: { shape: [1, outputs], quantization: { ...random.quantization(), scale: Math.fround(quantization.scale * 0.01 * Math.sqrt(inputs) * 40) } } };
    return { node: { op: 'fullyConnected', name: 'fc', inputs: ['x'], output: 'y', activation: random.activation(), parameters: layerParameters(random, inputs * outputs, outputs, random.below(3) === 0) }, tensors };
  });
});

test('many of these had weights with zero points', () => assert.ok(asymmetric.conv2d > 15 && asymmetric.pointwise > 5 && asymmetric.fullyConnected > 5, JSON.stringify(asymmetric)));

test('pooling on lanes equals the scalar kernel on random shapes', () => {
  compareMany(80, (random) => {
    const op = random.pick(['maxPool2d', 'averagePool2d', 'mean'] as const),
      shape = [1, random.between(2, 13), random.between(2, 13), random.pick([1, 2, 3, 7])], quantization = random.quantization();
    if (op === 'mean')
      return { node: { op, name: 'mean', inputs: ['x'], output: 'y' }, tensors: { x: { shape, quantization }, y: { shape: [1, 1, 1, shape[3]], quantization: random.quantization() } } };
    const kernel: [number, number] = op === 'maxPool2d' ? [2, 2] : [shape[1], shape[2]],
      output = op === 'maxPool2d' ? [1, shape[1] >> 1, shape[2] >> 1, shape[3]] : [1, 1, 1, shape[3]];
    return { node: { op, name: 'pool', inputs: ['x'], output: 'y', window: { kernel, stride: kernel, dilation: [1, 1], pads: [0, 0, 0, 0] }, activation: 'none' }, tensors: { x: { shape, quantization }, y: { shape: output, quantization } } };
  });
});

test('add on lanes equals the scalar kernel on random shapes', () => {
  compareMany(25, (random) => {
    const shape = [1, random.between(1, 9), random.between(2, 9), random.pick([1, 3, 5])], a = random.quantization(),
      b = { ...random.quantization(), scale: Math.fround(a.scale * random.pick([0.3, 1, 1.7])) };
    return { node: { op: 'add', name: 'add', inputs: ['a', 'b'], output: 'y', activation: 'none' }, tensors: { a: { shape, quantization: a }, b: { shape, quantization: b }, y: { shape, quantization: { ...random.quantization(), scale: Math.fround(a.scale * 1.4) } } } };
  });
});

test('optimized for size, large convolutions stay on scalar kernels', () => {
  const random = new Random(7), shape = [1, 8, 8, 16], quantization = { scale: 0.05, zeroPoint: -128 },
    tensors = { x: { shape, quantization }, y: { shape: [1, 8, 8, 32], quantization: { scale: 1.5, zeroPoint: -128 } } };
  const layer = layerParameters(random, 9 * 16 * 32, 32), parameters = { ...layer, weights: layer.weights.map((w) => w >> 2) },
    window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [1, 1, 1, 1] } as never;
  const graph = network({ op: 'conv2d', name: 'conv', inputs: ['x'], output: 'y', window, activation: 'relu', parameters }, tensors);
  const strips = (aim: 'size' | 'balance'): boolean =>
    onLanes(graph, { single: false, budget: 1e6, aim }).nodes.some((node) => node.op === 'conv2d' && node.stripRows);
  assert.ok(strips('balance'));
  assert.not.ok(strips('size'));
});

test('optimized for speed, taps of 4-bit weights are stored as those of 8 bits', () => {
  const random = new Random(8), shape = [1, 8, 8, 16], quantization = { scale: 0.05, zeroPoint: -128 },
    tensors = { x: { shape, quantization }, y: { shape: [1, 8, 8, 32], quantization: { scale: 1.5, zeroPoint: -128 } } };
  const layer = layerParameters(random, 9 * 16 * 32, 32), parameters = { ...layer, weights: layer.weights.map((w) => w >> 4) },
    window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [1, 1, 1, 1] } as never;
  const graph = network({ op: 'conv2d', name: 'conv', inputs: ['x'], output: 'y', window, activation: 'relu', parameters }, tensors);
  const bytes = (aim: 'speed' | 'balance'): number => serialize(onLanes(graph, { single: false, budget: 1e6, aim }), { rounding: 'double', labels: [] }).file.length;
  // 32 outputs x 3 rows x 16 inputs: 8 bytes instead of 2 for three taps.
  assert.is(Math.round((bytes('speed') - bytes('balance')) / 1024), (32 * 3 * 16 * 6) / 1024);
});

test('an engine that reads half of a 64-bit number is refused', () => {
  const shape = [1, 4, 4, 3], quantization = { scale: 0.5, zeroPoint: -128 },
    tensors = { x: { shape, quantization }, y: { shape: [1, 1, 1, 3], quantization } };
  const graph = network({ op: 'mean', name: 'mean', inputs: ['x'], output: 'y' }, tensors),
    { file } = serialize(onLanes(graph, { single: false, budget: 1e6 }), { rounding: 'double', labels: [] });
  const whole = globalThis.BigInt64Array;
  globalThis.BigInt64Array = class { 0 = 1n; } as never;
  try {
    assert.throws(() => load(file.buffer), /64-bit numbers wrongly.*--kernels scalar/);
  } finally {
    globalThis.BigInt64Array = whole;
  }
  load(file.buffer);
});

test.run();
