/** A float graph computed by plain loops, one line of arithmetic an operator: slow and obvious. */
import { floatSession, runSession } from '../../host/quantize/calibrate';
import { elements, type Activation, type FloatGraph, type FloatParameters, type Node, type Window } from '../../host/graph';

const clamps: Record<Activation, [number, number]> = { none: [-Infinity, Infinity], relu: [0, Infinity], relu6: [0, 6], reluN1To1: [-1, 1] };

/** Calls `tap` for every window position and every tap of it that lies inside the input. */
function slide(w: Window, input: number[], output: number[], tap: (outputPixel: number, inputPixel: number, k: number) => void): void {
  const [, height, width] = input, [, rows, columns] = output;
  for (let oy = 0; oy < rows; oy++) for (let ox = 0; ox < columns; ox++)
    for (let ky = 0; ky < w.kernel[0]; ky++) for (let kx = 0; kx < w.kernel[1]; kx++) {
      const y = oy * w.stride[0] - w.pads[0] + ky * w.dilation[0], x = ox * w.stride[1] - w.pads[1] + kx * w.dilation[1];
      if (y >= 0 && y < height && x >= 0 && x < width) tap(oy * columns + ox, y * width + x, ky * w.kernel[1] + kx);
    }
}

function compute(graph: FloatGraph, node: Node<FloatParameters>, inputs: Float32Array[]): Float32Array {
  const [x] = inputs, from = graph.tensors.get(node.inputs[0])!.shape, to = graph.tensors.get(node.output)!.shape;
  const inside = from[from.length - 1], channels = to[to.length - 1], sums = new Float64Array(elements(to));
  switch (node.op) {
    case 'conv2d': {
      const { weights, bias } = node.parameters, taps = node.window.kernel[0] * node.window.kernel[1];
      sums.forEach((_, i) => (sums[i] = bias[i % channels]));
      slide(node.window, from, to, (o, i, k) => {
        for (let c = 0; c < channels; c++) for (let d = 0; d < inside; d++) sums[o * channels + c] += x[i * inside + d] * weights[(c * taps + k) * inside + d];
      });
      break;
    }
    case 'depthwiseConv2d': {
      const { weights, bias } = node.parameters;
      sums.forEach((_, i) => (sums[i] = bias[i % channels]));
      slide(node.window, from, to, (o, i, k) => {
        for (let c = 0; c < channels; c++) sums[o * channels + c] += x[i * inside + Math.floor(c / node.multiplier)] * weights[c * (weights.length / channels) + k];
      });
      break;
    }
    case 'fullyConnected':
      for (let o = 0; o < channels; o++) sums[o] = x.reduce((sum, v, i) => sum + v * node.parameters.weights[o * x.length + i], node.parameters.bias[o]);
      break;
    case 'maxPool2d':
      sums.fill(-Infinity);
      slide(node.window, from, to, (o, i) => {
        for (let c = 0; c < channels; c++) sums[o * channels + c] = Math.max(sums[o * channels + c], x[i * channels + c]);
      });
      break;
    case 'averagePool2d': {
      const counts = new Float64Array(sums.length);
      slide(node.window, from, to, (o, i) => {
        for (let c = 0; c < channels; c++) (sums[o * channels + c] += x[i * channels + c]), counts[o * channels + c]++;
      });
      sums.forEach((sum, i) => (sums[i] = sum / counts[i]));
      break;
    }
    case 'add':
      x.forEach((v, i) => (sums[i] = v + inputs[1][i]));
      break;
    case 'concatenation': {
      const row = (shape: number[]): number => elements(shape.slice(node.axis));
      let at = 0;
      inputs.forEach((values, n) => {
        const size = row(graph.tensors.get(node.inputs[n])!.shape);
        values.forEach((v, i) => (sums[Math.floor(i / size) * row(to) + at + (i % size)] = v));
        at += size;
      });
      break;
    }
    case 'pad': {
      const [, top, left, front] = node.before, [, height, width, depth] = from;
      sums.fill(node.value);
      for (let y = 0; y < height; y++) for (let u = 0; u < width; u++) for (let c = 0; c < depth; c++)
        sums[((y + top) * to[2] + u + left) * channels + c + front] = x[(y * width + u) * depth + c];
      break;
    }
    case 'softmax':
      for (let i = 0; i < x.length; i += channels) {
        const row = x.subarray(i, i + channels), highest = Math.max(...row),
          total = row.reduce((sum, v) => sum + Math.exp(node.beta * (v - highest)), 0);
        row.forEach((v, k) => (sums[i + k] = Math.exp(node.beta * (v - highest)) / total));
      }
      break;
    case 'affine':
      x.forEach((v, i) => (sums[i] = v * node.factors[i % channels] + node.offsets[i % channels]));
      break;
    case 'reshape':
    case 'activation':
      sums.set(x);
      break;
    default:
      throw new Error(`${node.op} has no float reference`);
  }
  const [low, high] = 'activation' in node ? clamps[node.activation] : clamps.none;
  return Float32Array.from(sums, (v) => Math.min(high, Math.max(low, v)));
}

/** @returns every tensor's values, by name */
export function runFloat(graph: FloatGraph, input: Float32Array): Map<string, Float32Array> {
  const values = new Map([[graph.inputs[0], input]]);
  for (const node of graph.nodes) values.set(node.output, compute(graph, node, node.inputs.map((name) => values.get(name)!)));
  return values;
}

/** ONNX's [1, c, h, w] in our order. */
function inOurOrder(values: Float32Array, dims: readonly number[]): Float32Array {
  if (dims.length !== 4) return values;
  const [, channels, height, width] = dims;
  return values.map((_, i) => values[(i % channels) * height * width + Math.floor(i / channels)]);
}

/**
 * Compares every tensor of a graph with the value it says it is (TensorInfo.source), as ONNX Runtime computes it from the same model.
 * Vectors inside the network may be flattened images, which have another order: there the values count, not their places.
 * @returns the largest difference, relative to the tensor's largest value
 */
export async function differenceFromOnnxRuntime(onnx: Uint8Array, graph: FloatGraph, input: Float32Array): Promise<number> {
  const [first] = graph.inputs, ours = runFloat(graph, input), compared = [...graph.tensors].filter(([, t]) => t.source !== first);
  if (!compared.length) throw new Error('nothing to compare');
  const session = await floatSession(onnx, [...new Set(compared.map(([, t]) => t.source))]);
  const results = await runSession(session, input, graph.tensors.get(first)!.shape);
  let worst = 0;
  for (const [name, { source }] of compared) {
    const { data, dims } = results[source], got = ours.get(name)!;
    // Padded for a pooling: only its source is a value of the model.
    if (graph.outputs.includes(name) || got.length === data.length) {
      const wanted = inOurOrder(data as Float32Array, dims), places = dims.length === 4 || graph.outputs.includes(name);
      const [a, b] = places ? [got, wanted] : [got.slice().sort(), wanted.slice().sort()],
        size = b.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-3);
      if (a.length !== b.length) return Infinity;
      for (let i = 0; i < b.length; i++) worst = Math.abs(a[i] - b[i]) / size <= worst ? worst : Math.abs(a[i] - b[i]) / size || Infinity;
    }
  }
  return worst;
}
