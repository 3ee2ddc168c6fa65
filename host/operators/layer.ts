/** What layers with weights have in common: their requantization, as the file holds it. */
import { FlintError } from '../../src/error';
import { NARROW_BIAS, NARROW_PRODUCTS, NARROW_SHIFT, Requantization } from '../../src/operators/requantize';
import type { IntParameters, Quantization } from '../graph';
import { clamp } from './clamp';
import { quantizeMultiplier } from './multiplier';
import type { Field } from './operator';
import type { Activation } from '../graph';

interface LayerNode {
  op: string;
  name: string;
  activation: Activation;
  parameters: IntParameters;
}

/** Sums up to this take the kernels' shorter path. */
const NARROW_SUM = 2 ** 29;

/**
 * The Requantization words of a layer with weights: biases, multipliers, the clamp.
 * @param folded whether the input's zero point goes into the biases; fully connected kernels take it from the
 * inputs instead
 * @throws FlintError when a sum of the layer can leave 32 bits
 */
export function requantization(
  node: LayerNode,
  input: Quantization,
  output: Quantization,
  folded = true,
): Field[] {
  const { weights, scales, bias } = node.parameters,
    channels = bias.length,
    taps = weights.length / channels;
  const low = -128 - input.zeroPoint,
    high = 127 - input.zeroPoint;
  const biases = new Int32Array(channels),
    multipliers = new Int32Array(channels),
    shifts = new Int8Array(channels);
  let wide = taps > NARROW_PRODUCTS ? 1 : 0;
  for (let c = 0; c < channels; c++) {
    let positive = 0,
      negative = 0;
    for (let k = c * taps; k < (c + 1) * taps; k++) {
      if (weights[k] > 0) positive += weights[k];
      else negative -= weights[k];
    }
    const largest = bias[c] + positive * high - negative * low,
      smallest = bias[c] + positive * low - negative * high;
    // TensorFlow Lite multiplies a per-tensor scale of a fully connected layer in float32, all others in
    // double.
    const product =
      scales.length > 1 || folded
        ? input.scale * scales[scales.length > 1 ? c : 0]
        : Math.fround(input.scale * scales[0]);
    const { multiplier, shift } = quantizeMultiplier(product / output.scale);
    // A dead channel's scale may be so small that all its sums become 0: then its bias has no say, and
    // converters write the largest there is.
    const stored =
      multiplier === 0 ? 0 : folded ? bias[c] - input.zeroPoint * (positive - negative) : bias[c];
    if (Math.abs(stored) + (positive + negative) * 255 >= 2 ** 31)
      throw new FlintError(`${node.op} ${node.name}: sums of output channel ${c} can leave 32 bits`);
    biases[c] = stored;
    multipliers[c] = multiplier;
    shifts[c] = shift;
    if (shift >= 0 || largest >= NARROW_SUM || smallest < -NARROW_SUM) wide = 1;
    if (Math.abs(stored) >= NARROW_BIAS || shift < NARROW_SHIFT) wide = 1;
  }
  const [minimum, maximum] = clamp(node.activation, output);
  return [
    [Requantization.bias, biases],
    [Requantization.multipliers, multipliers],
    [Requantization.shifts, shifts],
    [Requantization.wide, wide],
    [Requantization.minimum, minimum],
    [Requantization.maximum, maximum],
  ];
}

/** The same for weights of which only those that are not zero are stored. @param products that a sum may have */
export const ofSparseRows = (fields: Field[], products: number): Field[] =>
  fields.map(([field, value]) =>
    field === Requantization.wide && products > NARROW_PRODUCTS ? [field, 1] : [field, value],
  );
