import type { IntGraph, Quantization } from '../../host/graph';
import { packGraph } from '../../host/file/pack-graph';
import { Preprocessing } from '../../src/format';
import { layerParameters } from './network';
import { Random } from './random';

/**
 * Convolution with padding, residual addition, pooling, a view, fully connected, softmax: a little of
 * everything.
 */
export function smallModel(): Uint8Array<ArrayBuffer> {
  const random = new Random(5),
    q = (scale: number, zeroPoint: number): Quantization => ({ scale: Math.fround(scale), zeroPoint });
  const tensor = (shape: number[], quantization: Quantization) => ({ shape, quantization, source: '' });
  const window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [1, 1, 1, 1] } as never;
  const pooling = { kernel: [6, 6], stride: [6, 6], dilation: [1, 1], pads: [0, 0, 0, 0] } as never;
  const graph: IntGraph = {
    name: 'small',
    inputs: ['x'],
    outputs: ['y'],
    tensors: new Map([
      ['x', tensor([1, 6, 6, 3], q(0.02, -3))],
      ['a', tensor([1, 6, 6, 8], q(0.1, -128))],
      ['b', tensor([1, 6, 6, 8], q(0.1, 4))],
      ['s', tensor([1, 6, 6, 8], q(0.15, -128))],
      ['p', tensor([1, 1, 1, 8], q(0.15, -128))],
      ['f', tensor([1, 8], q(0.15, -128))],
      ['z', tensor([1, 3], q(0.3, 2))],
      ['y', tensor([1, 3], q(1 / 256, -128))],
    ]),
    nodes: [
      {
        op: 'conv2d',
        name: 'first',
        inputs: ['x'],
        output: 'a',
        window,
        activation: 'relu',
        parameters: layerParameters(random, 27 * 8, 8),
      },
      {
        op: 'depthwiseConv2d',
        name: 'second',
        inputs: ['a'],
        output: 'b',
        window,
        multiplier: 1,
        activation: 'none',
        parameters: layerParameters(random, 72, 8),
      },
      { op: 'add', name: 'sum', inputs: ['a', 'b'], output: 's', activation: 'relu' },
      { op: 'averagePool2d', name: 'mean', inputs: ['s'], output: 'p', window: pooling, activation: 'none' },
      { op: 'reshape', name: 'flat', inputs: ['p'], output: 'f' },
      {
        op: 'fullyConnected',
        name: 'classes',
        inputs: ['f'],
        output: 'z',
        activation: 'none',
        parameters: layerParameters(random, 24, 3),
      },
      { op: 'softmax', name: 'probabilities', inputs: ['z'], output: 'y', beta: 1 },
    ],
  };
  const preprocessing = new Array<number>(Preprocessing.words).fill(0);
  preprocessing.splice(0, 5, 6, 6, 1, 1, 1);
  return packGraph(graph, { rounding: 'double', labels: ['ant', 'Bär', '猫'], preprocessing }).file;
}
