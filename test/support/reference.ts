/**
 * The int8 operators once more, as directly as they can be written down: one output at a time, 64-bit arithmetic in
 * BigInt, no shared code with the kernels. From TensorFlow Lite's reference kernels' definitions.
 */
import type { IntGraph, IntParameters, Node, Quantization } from '../../host/graph';

const floorShift = (x: bigint, n: bigint): bigint => (x >= 0n ? x >> n : -((-x + (1n << n) - 1n) >> n)); // XS shifts negatives wrongly

function frexp(value: number): [number, number] {
  let shift = 0;
  while (value >= 1) (value /= 2), shift++;
  while (value < 0.5) (value *= 2), shift--;
  return [value, shift];
}

/** round(x * factor) as TensorFlow Lite rounds it. */
export function scaled(x: number, factor: number, single: boolean): number {
  let [fraction, shift] = frexp(factor);
  let multiplier = Math.round(fraction * 2147483648);
  if (multiplier === 2147483648) (multiplier /= 2), shift++;
  if (shift < -31) return 0;
  const product = BigInt(x) * BigInt(multiplier);
  if (single) return Number(floorShift(product + (1n << BigInt(30 - shift)), BigInt(31 - shift)));
  const left = BigInt(Math.max(shift, 0)), right = Math.max(-shift, 0);
  const t = floorShift(product * (1n << left) + (1n << 30n), 31n);
  return right ? Number(floorShift(t + (1n << BigInt(right - 1)) - (t < 0n ? 1n : 0n), BigInt(right))) : Number(t);
}

export function activationRange(activation: string, { scale, zeroPoint }: Quantization): [number, number] {
  const at = (v: number): number => zeroPoint + Math.round(Math.fround(Math.fround(v) / Math.fround(scale)));
  if (activation === 'relu') return [Math.max(-128, zeroPoint), 127];
  if (activation === 'relu6') return [Math.max(-128, zeroPoint), Math.min(127, at(6))];
  if (activation === 'reluN1To1') return [Math.max(-128, at(-1)), Math.min(127, at(1))];
  return [-128, 127];
}

const limit = (v: number, [low, high]: [number, number]): number => Math.max(low, Math.min(high, v));

/** Runs the one node of a graph. */
export function reference(graph: IntGraph, node: Node<IntParameters>, inputs: Int8Array[], single: boolean): Int8Array {
  const info = (name: string): { shape: number[]; quantization: Quantization } => graph.tensors.get(name) as never;
  const a = info(node.inputs[0]), out = info(node.output), q = out.quantization;
  const size = out.shape.reduce((x, y) => x * y), result = new Int8Array(size), x = inputs[0];
  if (node.op === 'add') {
    const b = info(node.inputs[1]).quantization, range = activationRange(node.activation, q);
    const twice = 2 * Math.max(a.quantization.scale, b.scale);
    return result.map((_, i) => {
      const sum = scaled((x[i] - a.quantization.zeroPoint) << 20, a.quantization.scale / twice, single) +
        scaled((inputs[1][i] - b.zeroPoint) << 20, b.scale / twice, single);
      return limit(scaled(sum, twice / (1048576 * q.scale), single) + q.zeroPoint, range);
    });
  }
  if (node.op === 'fullyConnected') {
    const { weights, scales, bias } = node.parameters, n = weights.length / bias.length, range = activationRange(node.activation, q);
    return result.map((_, i) => {
      const o = i % bias.length, row = (i - o) / bias.length;
      let sum = bias[o];
      for (let k = 0; k < n; k++) sum += (x[row * n + k] - a.quantization.zeroPoint) * weights[o * n + k];
      const product = scales.length > 1 ? a.quantization.scale * scales[o] : Math.fround(a.quantization.scale * scales[0]);
      return limit(scaled(sum, product / q.scale, single) + q.zeroPoint, range);
    });
  }
  if (!('window' in node)) throw new Error(`no reference for ${node.op}`);
  const [, height, width, channels] = a.shape, [, rows, columns, outputs] = out.shape;
  const { kernel, stride, dilation, pads } = node.window, range = activationRange(node.activation, q);
  for (let y = 0; y < rows; y++)
    for (let z = 0; z < columns; z++)
      for (let o = 0; o < outputs; o++) {
        let sum = 'parameters' in node ? node.parameters.bias[o] : 0, largest = -128, taps = 0;
        for (let ky = 0; ky < kernel[0]; ky++)
          for (let kx = 0; kx < kernel[1]; kx++) {
            const iy = y * stride[0] - pads[0] + ky * dilation[0], ix = z * stride[1] - pads[1] + kx * dilation[1];
            if (iy < 0 || ix < 0 || iy >= height || ix >= width) continue;
            const at = (iy * width + ix) * channels, k = ky * kernel[1] + kx;
            taps++;
            if (node.op === 'conv2d')
              for (let c = 0; c < channels; c++)
                sum += (x[at + c] - a.quantization.zeroPoint) * node.parameters.weights[(o * kernel[0] * kernel[1] + k) * channels + c];
            else if (node.op === 'depthwiseConv2d')
              sum += (x[at + Math.floor(o / node.multiplier)] - a.quantization.zeroPoint) * node.parameters.weights[o * kernel[0] * kernel[1] + k];
            else if (node.op === 'averagePool2d') sum += x[at + o];
            else largest = Math.max(largest, x[at + o]);
          }
        let v: number;
        if (node.op === 'maxPool2d') v = largest;
        else if (node.op === 'averagePool2d') v = Math.trunc((sum + (sum > 0 ? 1 : -1) * Math.floor(taps / 2)) / taps);
        else if (!('parameters' in node)) throw new Error('no reference');
        else {
          const { scales } = node.parameters;
          v = scaled(sum, (a.quantization.scale * scales[scales.length > 1 ? o : 0]) / q.scale, single) + q.zeroPoint;
        }
        result[(y * columns + z) * outputs + o] = limit(v, range);
      }
  return result;
}
