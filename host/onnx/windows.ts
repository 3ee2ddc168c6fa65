/** Operators that slide a window over an image: convolutions and pooling. */
import type { Window } from '../graph';
import { axisOf, floats, image, integers, need, number, numbers, word, type Context, type Part, type Value } from './context';

/** Window and output size [height, width] of a convolution or pooling. */
function windowOf(c: Context, shape: number[], kernel: number[]): { window: Window; size: [number, number] } {
  need(kernel.length === 2, `its window has ${kernel.length} dimensions; two are supported`);
  const stride = numbers(c, 'strides', [1, 1], 2), dilation = numbers(c, 'dilations', [1, 1], 2);
  const auto = word(c, 'auto_pad', 'NOTSET', ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER']);
  const pads = numbers(c, 'pads', [0, 0, 0, 0], 4).slice() as Window['pads'], size: [number, number] = [0, 0];
  need([...kernel, ...stride, ...dilation].every((n) => n >= 1 && n <= 32767) && pads.every((p) => p >= 0 && p <= 32767), 'its window or padding has impossible sizes');
  need(!auto.startsWith('SAME') || dilation.every((d) => d === 1), 'it is dilated and pads by auto_pad, which ONNX Runtime cannot run for calibration: export it with pads');
  for (const axis of [0, 1]) {
    const n = shape[2 + axis], extent = (kernel[axis] - 1) * dilation[axis] + 1;
    if (auto !== 'NOTSET') {
      const total = auto === 'VALID' ? 0 : Math.max((Math.ceil(n / stride[axis]) - 1) * stride[axis] + extent - n, 0);
      const less = total >> 1, more = total - less;
      pads[axis] = auto === 'SAME_LOWER' ? more : less;
      pads[axis + 2] = auto === 'SAME_LOWER' ? less : more;
    }
    const room = n + pads[axis] + pads[axis + 2] - extent;
    need(room >= 0, `its window of ${extent} does not fit its padded input of ${n + pads[axis] + pads[axis + 2]}`);
    size[axis] = Math.floor(room / stride[axis]) + 1;
    if (number(c, 'ceil_mode', 0) && room % stride[axis]) {
      // One more window, which reaches beyond the padding given. Where it would hold nothing of the input PyTorch drops it and
      // ONNX Runtime 1.16 does not: calibration would see another network.
      const start = size[axis] * stride[axis];
      need(start < n + pads[axis], 'ceil_mode adds a window of nothing but padding: export it without ceil_mode');
      pads[axis + 2] = start + extent - n - pads[axis];
      size[axis]++;
    }
  }
  return { window: { kernel: [kernel[0], kernel[1]], stride: [stride[0], stride[1]], dilation: [dilation[0], dilation[1]], pads }, size };
}

export function conv(c: Context): void {
  const x = image(c), w = floats(c, 1, 'weights'), [, channels] = x.shape, group = number(c, 'group', 1);
  need(w.shape.length === 4, `its weights have the shape [${w.shape}]; only two-dimensional convolutions run`);
  const [outputs, depth, kernelY, kernelX] = w.shape, taps = kernelY * kernelX, { window, size } = windowOf(c, x.shape, [kernelY, kernelX]);
  const bias = c.node.inputs[2] ? floats(c, 2, 'bias').data : new Float32Array(outputs), shape = [1, outputs, ...size];
  need(outputs > 0 && bias.length === outputs && depth * group === channels, `its weights [${w.shape}] and bias do not belong to ${channels} input channels in ${group} groups`);
  const weights = new Float32Array(w.data.length);
  if (group === 1) {
    // [o][c][k] to [o][k][c]
    for (let o = 0, i = 0; o < outputs; o++)
      for (let d = 0; d < depth; d++) for (let k = 0; k < taps; k++, i++) weights[(o * taps + k) * depth + d] = w.data[i];
    return c.emit({ op: 'conv2d', inputs: [x.tensor], window, activation: 'none', parameters: { weights, bias, scales: w.scales } }, shape);
  }
  need(group === channels && outputs % channels === 0, `it has ${group} groups for ${channels} channels: only ordinary (one group) and depthwise convolutions run`);
  // [o][k] to [k][o]
  for (let o = 0, i = 0; o < outputs; o++) for (let k = 0; k < taps; k++, i++) weights[k * outputs + o] = w.data[i];
  c.emit({
    op: 'depthwiseConv2d', inputs: [x.tensor], window, multiplier: outputs / channels, activation: 'none',
    parameters: { weights, bias, scales: w.scales },
  }, shape);
}

type Pooling = 'maxPool2d' | 'averagePool2d';

export const pool = (op: Pooling) => (c: Context): void => {
  let x = image(c);
  const kernel = numbers(c, 'kernel_shape', [], 2), given = numbers(c, 'pads', [0, 0, 0, 0], 4);
  need(given.every((p, i) => p < kernel[i % 2]), `its padding [${given}] is as wide as its window [${kernel}]`);
  const { window, size } = windowOf(c, x.shape, kernel);
  need(window.dilation.every((d) => d === 1), 'it is dilated');
  need(c.node.outputs.filter(Boolean).length === 1, 'its indices are used');
  if (op === 'averagePool2d' && number(c, 'count_include_pad', 0) && window.pads.some((p) => p > 0)) {
    need(!number(c, 'ceil_mode', 0), 'it counts padding and rounds its size up');
    x = paddedImage(c, x, window.pads);
    window.pads = [0, 0, 0, 0];
  }
  c.emit({ op, inputs: [x.tensor], window, activation: 'none' }, [1, x.shape[1], ...size]);
};

/** Zeros around an image. */
function paddedImage(c: Context, x: Value, [top, left, bottom, right]: Window['pads']): Value {
  const [, channels, height, width] = x.shape, shape = [1, channels, height + top + bottom, width + left + right];
  return c.before({ op: 'pad', inputs: [x.tensor], before: [0, top, left, 0], after: [0, bottom, right, 0], value: 0 }, shape, c.graph.tensors.get(x.tensor)!.source);
}

export const globalPool = (op: Pooling, keep = true) => (c: Context): void => {
  const x = image(c), [, channels, height, width] = x.shape;
  need(height <= 32767 && width <= 32767, 'its window has impossible sizes');
  const window: Window = { kernel: [height, width], stride: [height, width], dilation: [1, 1], pads: [0, 0, 0, 0] };
  const node: Part = { op, inputs: [x.tensor], window, activation: 'none' };
  if (keep) return c.emit(node, [1, channels, 1, 1]);
  const pooled = c.before(node, [1, channels, 1, 1], c.node.outputs[0]);
  c.emit({ op: 'reshape', inputs: [pooled.tensor] }, [1, channels]);
};

export function reduceMean(c: Context): void {
  const x = image(c), axes = integers(c, 1, 'axes')?.map((a) => axisOf(a, x.shape.length)).sort();
  need(axes?.join() === '2,3', `it reduces axes [${axes ?? 'all'}]; height and width (2, 3) run`);
  globalPool('averagePool2d', number(c, 'keepdims', 1) === 1)(c);
}
