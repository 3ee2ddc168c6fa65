import type { Activation, Quantization } from '../graph';
import { round } from './multiplier';

/** The fused activation as a range of the output's integers, in float32 as TensorFlow Lite computes it. */
export function clamp(
  activation: Activation,
  { scale, zeroPoint }: Quantization,
): [low: number, high: number] {
  const at = (real: number): number =>
    Math.max(-128, Math.min(127, zeroPoint + round(Math.fround(Math.fround(real) / Math.fround(scale)))));
  if (activation === 'relu') return [at(0), 127];
  if (activation === 'relu6') return [at(0), at(6)];
  if (activation === 'reluN1To1') return [at(-1), at(1)];
  return [-128, 127];
}
