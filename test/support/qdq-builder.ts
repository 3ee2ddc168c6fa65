/** Parts of quantized ONNX models, as quantizers write them. */
import type { OnnxBuilder } from './onnx-builder';

/** Scale and zero point of a tensor, and the type of its integers. */
export interface Q {
  type: 'INT8' | 'UINT8';
  scale: number;
  zero: number;
}

/** The two constants of a quantization. */
export const pair = (b: OnnxBuilder, { type, scale, zero }: Q): [scale: string, zero: string] => [
  b.float(scale),
  b.typed(type, [], [zero]),
];

/** From lowest to highest: what a quantizer makes of a calibrated range. */
export function over(type: Q['type'], low: number, high: number): Q {
  const scale = (high - low) / 255,
    zero = Math.round(-low / scale);
  return { type, scale, zero: type === 'UINT8' ? zero : zero - 128 };
}

/** The input of most models here: [1, 3, 7, 8], from 0 to 1. */
export const unit = (type: Q['type']): Q => over(type, 0, 1);

/** QuantizeLinear and DequantizeLinear behind a value. */
export function qdq(b: OnnxBuilder, x: string, q: Q): string {
  const parameters = pair(b, q);
  return b.node('DequantizeLinear', [b.node('QuantizeLinear', [x, ...parameters]), ...parameters]);
}

/** How weights are stored. */
export interface Weights {
  type: 'INT8' | 'UINT8';
  /** Along this axis each has a scale of its own. */
  axis?: number;
  /** Zero point of all. */
  zero?: number;
  values?: number[];
}

/** Their constants: integers, scale, zero point. @param size of the largest sum of products, about */
export function weightConstants(
  b: OnnxBuilder,
  shape: number[],
  { type, axis, zero = 0, values }: Weights,
  fan: number,
): [values: string, scale: string, zero: string] {
  const count = axis === undefined ? 1 : shape[axis],
    dims = axis === undefined ? [] : [count],
    scales = Array.from({ length: count }, (_, i) => (1 + i / 4) / 100 / Math.sqrt(fan));
  return [
    b.typed(type, shape, values),
    b.floats(dims, scales),
    b.typed(type, dims, new Array<number>(count).fill(zero)),
  ];
}

/** Weights behind DequantizeLinear. */
export function weights(b: OnnxBuilder, shape: number[], how: Weights, fan: number): string {
  const axis: Record<string, number> = how.axis === undefined ? {} : { axis: how.axis };
  return b.node('DequantizeLinear', weightConstants(b, shape, how, fan), axis);
}

/** An int32 bias behind DequantizeLinear. */
export const bias = (b: OnnxBuilder, values: number[], scale: number): string =>
  b.node('DequantizeLinear', [b.typed('INT32', [values.length], values), b.float(scale)]);

/** A convolution of the given channels with a window of 3 by 3, its weights per channel in int8. */
export function conv(
  b: OnnxBuilder,
  x: string,
  i: number,
  o: number,
  how: Weights = { type: 'INT8', axis: 0 },
  attributes: Record<string, number | number[]> = { pads: [1, 1, 1, 1] },
): string {
  const group = (attributes.group as number | undefined) ?? 1,
    w = weights(b, [o, i / group, 3, 3], how, (i / group) * 9);
  return b.node('Conv', [x, w, b.floats([o])], attributes);
}
