import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Quantization } from '../../host/graph';
import type { UnaryFunction } from '../../host/operators/lookup-functions';
import { compare, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { inOut, network, runGraph } from '../support/network';
import { Random } from '../support/random';

const every = Int8Array.from({ length: 256 }, (_, i) => i - 128);

const unary = (
  name: UnaryFunction,
  x: Quantization,
  y: Quantization,
  shape = [256],
  alpha?: number,
): CaseOf<'lookup'> => ({
  node: { op: 'lookup', name, inputs: ['x'], output: 'y', function: name, alpha },
  tensors: { x: { shape, quantization: x }, y: { shape, quantization: y } },
});

// What TensorFlow Lite requantizes, to the last bit, for every value of int8.
for (const name of ['requantize', 'relu', 'relu6', 'reluN1To1', 'leakyRelu'] as const)
  test(`${name} equals the reference for every value, at random scales`, () => {
    compareMany('lookup', 60, (random) => {
      const x = random.quantization(),
        y = name === 'relu6' ? x : random.quantization();
      return { ...unary(name, x, y, [256], random.pick([0.01, 0.1, 0.3, 1.5])), inputs: [every] };
    });
  });

// What it computes in fixed point, within a step of the real function; to the last bit in
// test/import/tflite.test.ts.
const real: [UnaryFunction, (v: number) => number, Quantization | undefined][] = [
  ['logistic', (v) => 1 / (1 + Math.exp(-v)), { scale: 1 / 256, zeroPoint: -128 }],
  ['tanh', Math.tanh, { scale: 1 / 128, zeroPoint: 0 }],
  ['elu', (v) => (v < 0 ? Math.expm1(v) : v), undefined],
  ['hardSwish', (v) => (v * Math.max(0, Math.min(6, v + 3))) / 6, undefined],
];
for (const [name, f, fixed] of real)
  test(`${name} is within a step of the real function for every value, at random scales`, () => {
    const random = new Random(5);
    for (let n = 0; n < 40; n++) {
      const x = { scale: Math.fround(random.between(5, 200) / 2000), zeroPoint: random.between(-128, 127) },
        highest = Math.max(f(x.scale * (127 - x.zeroPoint)), f(x.scale * (-128 - x.zeroPoint)), 0.1),
        y = fixed ?? {
          scale: Math.fround((highest + 0.375) / 255),
          zeroPoint: -128 + Math.ceil((0.375 / (highest + 0.375)) * 255),
        },
        { node, tensors } = unary(name, x, y);
      const { output } = runGraph(network(node, tensors), [every]);
      output.forEach((q, i) => {
        const wanted = f(x.scale * (every[i] - x.zeroPoint)) / y.scale + y.zeroPoint;
        assert.ok(
          Math.abs(q - Math.max(-128, Math.min(127, wanted))) <= 1.01,
          `${name} of ${every[i]} is ${q}, should be ${wanted}`,
        );
      });
    }
  });

test('the complement of every value keeps the scale', () => {
  const random = new Random(7),
    quantization = random.quantization();
  assert.ok(
    compare('lookup', random, { ...unary('complement', quantization, quantization), inputs: [every] }),
  );
});

test('tensors of every rank, and of one value', () => {
  const random = new Random(6);
  for (const shape of [[1], [7], [2, 3], [2, 3, 4], [2, 3, 4, 5]]) {
    const { x, y } = inOut(random, shape, shape);
    assert.ok(compare('lookup', random, unary('requantize', x.quantization, y.quantization, shape)));
  }
});

test('a damaged record is refused, or keeps to its memory', () => {
  const random = new Random(8);
  withstandsDamage('lookup', unary('requantize', random.quantization(), random.quantization(), [2, 5]));
});

test.run();
