/** The numbers of a constant tensor, and constants made of numbers. */
import { elements } from '../../graph';
import { round } from '../../operators/multiplier';
import { float16 } from '../float16';
import type { TfTensor } from './read';

/** How the types of constants are stored; values of 16-bit floats are exact in any wider one. */
const stored: Record<string, [bytes: number, get: (v: DataView, at: number) => number, set?: Setter]> = {
  float32: [4, (v, at) => v.getFloat32(at, true), (v, at, x) => v.setFloat32(at, x, true)],
  float16: [2, (v, at) => float16(v.getUint16(at, true))],
  int32: [4, (v, at) => v.getInt32(at, true), (v, at, x) => v.setInt32(at, x, true)],
  int64: [8, (v, at) => Number(v.getBigInt64(at, true)), (v, at, x) => v.setBigInt64(at, BigInt(x), true)],
  int16: [2, (v, at) => v.getInt16(at, true), (v, at, x) => v.setInt16(at, x, true)],
  int8: [1, (v, at) => v.getInt8(at), (v, at, x) => v.setInt8(at, x)],
  uint8: [1, (v, at) => v.getUint8(at), (v, at, x) => v.setUint8(at, x)],
  bool: [1, (v, at) => v.getUint8(at), (v, at, x) => v.setUint8(at, x ? 1 : 0)],
};
type Setter = (view: DataView, at: number, value: number) => void;

/** @returns undefined where the tensor is no constant, or not of numbers that fill its shape */
export function valuesOf({ type, shape, data }: TfTensor): number[] | undefined {
  const kind = Object.hasOwn(stored, type) ? stored[type] : undefined;
  if (!kind || !data.length || data.length !== elements(shape) * kind[0]) return undefined;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return Array.from({ length: data.length / kind[0] }, (_, i) => kind[1](view, i * kind[0]));
}

/**
 * Makes the tensor a constant.
 * @returns false where its type cannot hold such values
 */
export function setValues(tensor: TfTensor, shape: number[], values: number[]): boolean {
  const [bytes, , set] = (Object.hasOwn(stored, tensor.type) && stored[tensor.type]) || [0];
  const whole = tensor.type.startsWith('float') || values.every(Number.isSafeInteger);
  if (!set || !whole || !values.length || values.length !== elements(shape)) return false;
  const data = new Uint8Array(values.length * bytes),
    view = new DataView(data.buffer);
  values.forEach((v, i) => set(view, i * bytes, v));
  tensor.shape = shape;
  tensor.data = data;
  return true;
}

/** A float as an int8 of a scale and zero point, as QUANTIZE makes it. */
export const asInt8 = (v: number, { scales, zeroPoints }: TfTensor): number =>
  Math.max(-128, Math.min(127, round(Math.fround(v / scales[0])) + (zeroPoints[0] ?? 0)));
