import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { GraphOptions } from '../../host/file/pack-graph';
import type { Window } from '../../host/graph';
import { compare, compareExtremes, compareMany, withWideSums, type CaseOf } from '../support/compare';
import { damaged, refuses, withstandsDamage } from '../support/damage';
import { inOut, layerParameters, sliding, sumScale, windowOutput } from '../support/network';
import { Random } from '../support/random';
import { SparseConv2d } from '../../src/operators/sparse-conv2d';
import { Window as Place } from '../../src/operators/window';

const small: GraphOptions = { aim: 'size' };
/** Windows over an image, and of one pixel. */
const three: Window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [1, 1, 1, 1] },
  one: Window = { ...three, kernel: [1, 1], pads: [0, 0, 0, 0] };

/** A convolution most of whose weights are zero. */
function thin(
  random: Random,
  input: number[],
  outputs: number,
  window: Window,
  density = random.pick([25, 4]),
): CaseOf<'conv2d'> {
  const taps = window.kernel[0] * window.kernel[1] * input[3],
    tensors = inOut(random, input, [1, ...windowOutput(window, input[1], input[2]), outputs]);
  tensors.y.quantization.scale = sumScale(random, tensors.x.quantization.scale, taps * (density / 100));
  const parameters = layerParameters(random, taps * outputs, outputs, { density });
  return {
    node: { op: 'conv2d', name: 'thin', inputs: ['x'], output: 'y', window, activation: 'none', parameters },
    tensors,
  };
}

test('sparseConv2d equals the reference on random shapes', () => {
  const make = (random: Random) => {
    const s = sliding(random, random.pick([3, 8, 16, 24]), 5, true);
    return s && thin(random, s.input, random.pick([1, 5, 16, 33]), s.window);
  };
  compareMany('sparseConv2d', 80, make, small);
});

test('sparseConv2d at the ends of int8', () => {
  compareExtremes('sparseConv2d', thin(new Random(3), [1, 4, 5, 20], 6, three, 10), [['x'], ['y']], small);
});

test('no weight but zeros, one far behind the others, and rows of many blocks', () => {
  const random = new Random(5),
    input = [1, 2, 2, 200];
  for (const kept of [[], [199], [0, 17, 199], Array.from({ length: 120 }, (_, i) => i)]) {
    const given = thin(random, input, 12, one);
    const weights = new Int8Array(200 * 12);
    for (const place of kept) weights[place] = -100;
    given.node.parameters.weights = weights;
    assert.ok(compare('sparseConv2d', random, given, small));
  }
});

test('sums beyond 2^25, and factors above one, stay exact', () => {
  const make = (random: Random) => withWideSums(random, thin(random, [1, 2, 1, 700], 16, one), 1);
  compareMany('sparseConv2d', 12, make, small);
});

test('columns that are dilated are refused', () => {
  const given = thin(new Random(9), [1, 9, 9, 20], 5, { ...three, stride: [2, 3] }, 10);
  refuses(damaged(given, SparseConv2d.window + Place.dilationX, 2, small), /columns are dilated/);
});

test('a damaged record is refused, or keeps to its memory', () => {
  const given = thin(new Random(8), [1, 5, 4, 20], 5, three, 10);
  given.tensors.y.quantization.scale = 2 ** -20; // so that factors are above one, and sums are wide
  const data: [number, number][] = [
    [SparseConv2d.rows, 12],
    [SparseConv2d.blocks, 3],
  ];
  withstandsDamage('sparseConv2d', given, { ...small, data });
});

test.run();
