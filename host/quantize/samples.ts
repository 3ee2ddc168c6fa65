/** What a model reads at a time. */
import type { IntGraph, Quantization } from '../graph';

/** One input of the model, as the device has it; a list where it takes several. */
export type Sample<T = Float32Array> = T | T[];

/** What each of the model's inputs gets. */
export const partsOf = <T>(sample: Sample<T>): T[] => (Array.isArray(sample) ? sample : [sample]);

/** What a model reads as int8. */
export const asInput = (values: Float32Array, { scale, zeroPoint }: Quantization): Int8Array =>
  Int8Array.from(values, (v) => Math.max(-128, Math.min(127, Math.round(v / scale) + zeroPoint)));

/** The real numbers that int8 stands for. */
export const dequantized = (values: Int8Array, { scale, zeroPoint }: Quantization): Float32Array =>
  Float32Array.from(values, (v) => scale * (v - zeroPoint));

/** The real numbers that a quantized model's inputs stand for. */
export const asReal = ({ inputs, tensors }: IntGraph, sample: Sample<Int8Array>): Float32Array[] =>
  partsOf(sample).map((values, i) => dequantized(values, tensors.get(inputs[i])!.quantization!));
