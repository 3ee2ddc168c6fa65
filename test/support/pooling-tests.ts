/** Both poolings are tested alike. */
import * as assert from 'uvu/assert';
import type { Activation, Window as GraphWindow } from '../../host/graph';
import { Pool2d } from '../../src/operators/pool2d';
import { Window } from '../../src/operators/window';
import { compare, compareExtremes, compareMany, type CaseOf } from './compare';
import { damaged, refuses, withstandsDamage } from './damage';
import { sliding, windowOutput } from './network';
import { Random } from './random';

type Pooling = 'maxPool2d' | 'averagePool2d';

/** Input and output share a scale. */
function pool(
  op: Pooling,
  random: Random,
  input: number[],
  window: GraphWindow,
  activation: Activation = 'none',
): CaseOf<Pooling> {
  const quantization = random.quantization(),
    output = [1, ...windowOutput(window, input[1], input[2]), input[3]];
  return {
    node: { op, name: 'pool', inputs: ['x'], output: 'y', window, activation },
    tensors: { x: { shape: input, quantization }, y: { shape: output, quantization } },
  };
}

const two: GraphWindow = { kernel: [2, 2], stride: [2, 2], dilation: [1, 1], pads: [0, 0, 0, 0] },
  one: GraphWindow = { ...two, kernel: [1, 1], stride: [1, 1] },
  three: GraphWindow = { kernel: [3, 3], stride: [1, 2], dilation: [1, 1], pads: [1, 2, 2, 1] };

/** @param test of the file whose tests these become */
export function testPooling(test: (name: string, run: () => void) => void, op: Pooling): void {
  test(`${op} equals the reference on random shapes`, () => {
    compareMany(op, 120, (random) => {
      const s = sliding(random, random.between(1, 9), 4, false);
      if (!s) return;
      const { stride, pads } = s.window,
        ofPadding = [0, 1].some((i) => (s.size[i] - 1) * stride[i] - pads[i] >= s.input[1 + i]);
      return ofPadding ? undefined : pool(op, random, s.input, s.window, s.activation);
    });
  });

  test('windows of 2 x 2 that lie side by side, which are the commonest', () => {
    compareMany(op, 20, (random) =>
      pool(
        op,
        random,
        [1, random.between(2, 9), random.between(2, 9), random.between(1, 9)],
        two,
        random.activation(),
      ),
    );
  });

  test(`${op} at the ends of int8`, () => {
    const random = new Random(3);
    for (const window of [two, three])
      compareExtremes(op, pool(op, random, [1, 4, 6, 3], window), [['x', 'y']]);
  });

  test(`${op} of one value, and of a whole image`, () => {
    const random = new Random(4);
    assert.ok(compare(op, random, pool(op, random, [1, 1, 1, 1], one)));
    assert.ok(compare(op, random, pool(op, random, [1, 9, 7, 2], { ...two, kernel: [9, 7] })));
  });

  test('a damaged record is refused, or keeps to its memory', () => {
    withstandsDamage(op, pool(op, new Random(8), [1, 5, 4, 3], three, 'relu'), { sameScale: true });
  });

  test('windows that are dilated, or see nothing but padding, are refused', () => {
    const given = pool(op, new Random(9), [1, 9, 9, 2], { ...two, stride: [3, 3] });
    for (const axis of [0, 1]) {
      refuses(damaged(given, Pool2d.window + Window.dilationY + axis, 2), /dilated/);
      refuses(damaged(given, Pool2d.window + Window.padTop + axis, 2), /holds only padding/);
    }
  });
}
