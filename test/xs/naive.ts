/**
 * The scalar kernels against loops as one would first write them, both on XS in one run. Times vary from run
 * to run, their ratio hardly: npm run bench:naive prints it.
 */
import type { IntGraph, IntParameters, Node, Window } from '../../host/graph';
import { load, run } from '../../src/model';
import { packGraph } from '../../host/file/pack-graph';
import { layerParameters } from '../support/network';
import { Random } from '../support/random';

declare const Time: { microseconds: number };
const milliseconds = (): number => Time.microseconds / 1000;

interface Case {
  name: string;
  node: Node<IntParameters> & { parameters: IntParameters };
  input: number[];
  output: number[];
}

const same: Window = { kernel: [3, 3], stride: [1, 1], dilation: [1, 1], pads: [1, 1, 1, 1] },
  one: Window = { ...same, kernel: [1, 1], pads: [0, 0, 0, 0] };
const random = new Random(3),
  io = { name: 'layer', inputs: ['x'], output: 'y', activation: 'relu' as const };
const cases: Case[] = [
  {
    name: 'conv 3x3, 16x16x16 to 32',
    input: [1, 16, 16, 16],
    output: [1, 16, 16, 32],
    node: { ...io, op: 'conv2d', window: same, parameters: layerParameters(random, 9 * 16 * 32, 32) },
  },
  {
    name: 'conv 3x3, 32x32x3 to 16',
    input: [1, 32, 32, 3],
    output: [1, 32, 32, 16],
    node: { ...io, op: 'conv2d', window: same, parameters: layerParameters(random, 9 * 3 * 16, 16) },
  },
  {
    name: 'conv 1x1, 12x12x64 to 64',
    input: [1, 12, 12, 64],
    output: [1, 12, 12, 64],
    node: { ...io, op: 'conv2d', window: one, parameters: layerParameters(random, 64 * 64, 64) },
  },
  {
    name: 'depthwise 3x3, 24x24x32',
    input: [1, 24, 24, 32],
    output: [1, 24, 24, 32],
    node: {
      ...io,
      op: 'depthwiseConv2d',
      multiplier: 1,
      window: same,
      parameters: layerParameters(random, 9 * 32, 32),
    },
  },
  {
    name: 'fully connected, 2048 to 128',
    input: [1, 2048],
    output: [1, 128],
    node: { ...io, op: 'fullyConnected', parameters: layerParameters(random, 2048 * 128, 128) },
  },
];

/** Sum and requantize, one output after the other, everything through typed arrays. */
function naive({ node, input, output }: Case, x: Int8Array, y: Int8Array): void {
  const { weights, bias } = node.parameters,
    multiplier = 1518500250,
    shift = 7;
  const put = (i: number, sum: number): void => {
    const v = Math.round((sum * multiplier) / 2147483648 / (1 << shift)) - 128;
    y[i] = Math.max(-128, Math.min(127, v));
  };
  if (node.op === 'fullyConnected') {
    for (let o = 0; o < bias.length; o++) {
      let sum = bias[o];
      for (let i = 0; i < x.length; i++) sum += (x[i] + 128) * weights[o * x.length + i];
      put(o, sum);
    }
    return;
  }
  if (node.op !== 'conv2d' && node.op !== 'depthwiseConv2d') return;
  const [, height, width, channels] = input,
    [, rows, columns, outputs] = output,
    { kernel, pads } = node.window;
  for (let r = 0; r < rows; r++)
    for (let c = 0; c < columns; c++)
      for (let o = 0; o < outputs; o++) {
        let sum = bias[o];
        for (let ky = 0; ky < kernel[0]; ky++)
          for (let kx = 0; kx < kernel[1]; kx++) {
            const iy = r + ky - pads[0],
              ix = c + kx - pads[1];
            if (iy < 0 || ix < 0 || iy >= height || ix >= width) continue;
            const at = (iy * width + ix) * channels,
              w = ((o * kernel[0] + ky) * kernel[1] + kx) * channels;
            if (node.op === 'depthwiseConv2d')
              sum += (x[at + o] + 128) * weights[(o * kernel[0] + ky) * kernel[1] + kx];
            else for (let i = 0; i < channels; i++) sum += (x[at + i] + 128) * weights[w + i];
          }
        put((r * columns + c) * outputs + o, sum);
      }
}

/** Milliseconds of one call, over at least 300. */
function time(work: () => void): number {
  const begin = milliseconds();
  let n = 0;
  do (work(), n++);
  while (milliseconds() - begin < 300);
  return (milliseconds() - begin) / n;
}

for (const c of cases) {
  const quantization = { scale: Math.fround(0.05), zeroPoint: -128 };
  const graph: IntGraph = {
    name: c.name,
    inputs: ['x'],
    outputs: ['y'],
    nodes: [c.node],
    tensors: new Map([
      ['x', { shape: c.input, quantization, source: 'x' }],
      ['y', { shape: c.output, quantization: { ...quantization, scale: 1 }, source: 'y' }],
    ]),
  };
  const model = load(packGraph(graph).file.buffer),
    y = new Int8Array(model.outputs[0].length);
  model.inputs[0].set(random.bytes(model.inputs[0].length));
  const macs = (y.length / c.node.parameters.bias.length) * c.node.parameters.weights.length;
  const fast = time(() => run(model)),
    slow = time(() => naive(c, model.inputs[0], y));
  const each = (ms: number): string => ((ms * 1e6) / macs).toFixed(1),
    times = (slow / fast).toFixed(1);
  trace(
    `${c.name.padEnd(30)} ${each(fast)} ns per multiply-add, naive ${each(slow)}: ${times} times faster\n`,
  );
}
