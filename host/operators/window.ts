/** Windows that slide over an image, from both formats and for the file. */
import { CONV_TILE } from '../../src/operators/tile';
import { stripBytes } from '../../src/operators/strip';
import type { TensorInfo, Window } from '../graph';
import { need as needOnnx, number, numbers, word, type OnnxContext } from '../import/onnx/context';
import { isRow } from '../import/onnx/order';
import { need } from '../import/tflite/context';
import type { TfTensor } from '../import/tflite/read';

/** A window as the words of a record. */
export const windowWords = (w: Window): number[] => [...w.kernel, ...w.stride, ...w.dilation, ...w.pads];

/** A window that sees one value at a time. */
export const ONE_PIXEL: Window = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] };

/** A window over all of an image. */
export const wholeImage = (height: number, width: number): Window => ({
  ...ONE_PIXEL,
  kernel: [height, width],
  stride: [height, width],
});

/** A window over so many values side by side. */
export const row = (size: number): Window => ({ ...ONE_PIXEL, kernel: [1, size], stride: [1, size] });

const isPadded = (window: Window): boolean => window.pads.some((p) => p > 0);

/**
 * Output rows per padded strip: enough that tiles of eight pixels are well filled, no more than `most`.
 * @returns 0 when nothing is padded
 */
export function stripRows(window: Window, output: TensorInfo, most: number): number {
  if (!isPadded(window)) return 0;
  const [, height, width] = output.shape;
  let best = 1,
    fill = 0;
  for (let rows = 1; rows <= Math.min(most, height); rows++) {
    const full = (rows * width) / (Math.ceil((rows * width) / CONV_TILE.pixels) * CONV_TILE.pixels);
    if (full > fill + 0.01) ((best = rows), (fill = full));
  }
  return best;
}

/** Bytes of scratch for a strip of so many output rows; 0 without strips. */
export function stripScratch(window: Window, input: TensorInfo, rows: number): number {
  const [, , width, channels] = input.shape,
    [, left, , right] = window.pads;
  if (rows === 0) return 0;
  return stripBytes(
    rows,
    window.kernel[0],
    window.stride[0],
    window.dilation[0],
    left + width + right,
    channels,
  );
}

/** A window from TFLite, whose padding is counted as TensorFlow does: the odd pixel of SAME goes behind. */
export function tfWindow(
  input: TfTensor,
  kernel: [number, number],
  stride: [number, number],
  dilation: [number, number],
  padding: number,
): Window {
  const isImage = input.shape.length === 4 && input.shape[0] === 1;
  need(isImage, `its input has the shape [${input.shape}]; an image of batch 1 is needed`);
  need(
    [...kernel, ...stride, ...dilation].every((n) => n >= 1 && n <= 32767),
    'its window has impossible sizes',
  );
  const pads = tfPads([input.shape[1], input.shape[2]], kernel, stride, dilation, padding);
  return { kernel, stride, dilation, pads };
}

/** Padding as TensorFlow counts it. @param padding of the schema: 0 is SAME */
export function tfPads(
  size: [number, number],
  kernel: [number, number],
  stride: [number, number],
  dilation: [number, number],
  padding: number,
): Window['pads'] {
  const pads: Window['pads'] = [0, 0, 0, 0];
  for (const axis of [0, 1]) {
    const n = size[axis],
      out = Math.ceil(n / stride[axis]),
      extent = (kernel[axis] - 1) * dilation[axis] + 1;
    const total = padding === 0 ? Math.max((out - 1) * stride[axis] + extent - n, 0) : 0;
    pads[axis] = total >> 1;
    pads[axis + 2] = total - (total >> 1);
  }
  return pads;
}

/** Padding that ONNX's auto_pad stands for, [before, after] on one axis. */
function autoPads(auto: string, n: number, stride: number, extent: number): [number, number] {
  const total = auto === 'VALID' ? 0 : Math.max((Math.ceil(n / stride) - 1) * stride + extent - n, 0);
  const less = total >> 1,
    more = total - less;
  return auto === 'SAME_LOWER' ? [more, less] : [less, more];
}

/** Numbers that a node has for height and width; of a row for its length alone. */
export function pair(c: OnnxContext, name: string, otherwise = [1, 1]): number[] {
  const list = numbers(c, name, isRow(c) ? otherwise.slice(1) : otherwise);
  const right = list.length === (isRow(c) ? 1 : 2);
  needOnnx(right, `its attribute ${name} has ${list.length} values; ${isRow(c) ? 1 : 2} are needed`);
  return isRow(c) ? [1, ...list] : list;
}

/** Its padding: top, left, bottom, right; of a row before and behind. */
export function padding(c: OnnxContext): Window['pads'] {
  if (!isRow(c)) return numbers(c, 'pads', [0, 0, 0, 0], 4).slice() as Window['pads'];
  const [before, after] = numbers(c, 'pads', [0, 0], 2);
  return [0, before, 0, after];
}

/**
 * Window and output size [height, width] of a convolution or pooling from ONNX.
 * @param shape of the image, as ONNX has it
 */
export function onnxWindow(
  c: OnnxContext,
  shape: number[],
  kernel: number[],
): { window: Window; size: [number, number] } {
  needOnnx(kernel.length === 2, `its window has ${kernel.length} dimensions; two are supported`);
  const stride = pair(c, 'strides'),
    dilation = pair(c, 'dilations');
  const auto = word(c, 'auto_pad', 'NOTSET', ['NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER']);
  const pads = padding(c),
    size: [number, number] = [0, 0];
  const sizes = [...kernel, ...stride, ...dilation].every((n) => n >= 1 && n <= 32767);
  needOnnx(sizes && pads.every((p) => p >= 0 && p <= 32767), 'its window or padding has impossible sizes');
  needOnnx(
    !auto.startsWith('SAME') || dilation.every((d) => d === 1),
    'it is dilated and pads by auto_pad, which ONNX Runtime cannot run for calibration: export it with pads',
  );
  for (const axis of [0, 1]) {
    const n = shape[2 + axis],
      extent = (kernel[axis] - 1) * dilation[axis] + 1;
    if (auto !== 'NOTSET') [pads[axis], pads[axis + 2]] = autoPads(auto, n, stride[axis], extent);
    const padded = n + pads[axis] + pads[axis + 2],
      room = padded - extent;
    needOnnx(room >= 0, `its window of ${extent} does not fit its padded input of ${padded}`);
    size[axis] = Math.floor(room / stride[axis]) + 1;
    if (number(c, 'ceil_mode', 0) && room % stride[axis]) {
      // One more window, which reaches beyond the padding given. Where it would hold nothing of the input
      // PyTorch drops it and ONNX Runtime 1.16 does not: calibration would see another network.
      const start = size[axis] * stride[axis];
      needOnnx(
        start < n + pads[axis],
        'ceil_mode adds a window of nothing but padding: export it without ceil_mode',
      );
      pads[axis + 2] = start + extent - n - pads[axis];
      size[axis]++;
    }
  }
  const window: Window = {
    kernel: [kernel[0], kernel[1]],
    stride: [stride[0], stride[1]],
    dilation: [dilation[0], dilation[1]],
    pads,
  };
  return { window, size };
}
