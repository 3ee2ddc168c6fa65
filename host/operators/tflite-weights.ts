import { elements, type IntParameters } from '../graph';
import { integers, need, operand } from '../import/tflite/context';
import type { TfOperator } from '../import/tflite/read';

/**
 * A TFLite layer's weights with one scale, or one per output channel, all symmetric, and its bias.
 * @param axis of the output channels among the weights' dimensions; where it is the last, weights are turned
 * to [output][tap]
 */
export function tfParameters(op: TfOperator, channels: number, axis: number): IntParameters {
  const w = operand(op, 1),
    b = op.inputs[2],
    size = elements(w.shape);
  const advice =
    w.type === 'uint8'
      ? ', asymmetric as old converters made them: convert the model again with TensorFlow 2'
      : '; int8 is supported';
  need(w.type === 'int8', `its weights are ${w.type}${advice}`);
  need(w.data.length === size, 'its weights are not stored in the file');
  need(
    w.zeroPoints.every((z) => z === 0),
    'its weights have zero points other than 0',
  );
  const scales = w.scales.length === 1 || (w.scales.length === channels && w.axis === axis);
  need(
    scales,
    `its weights have ${w.scales.length} scales along dimension ${w.axis} for ${channels} output channels`,
  );
  need(
    w.scales.every((s) => s > 0 && Number.isFinite(s)),
    'its weights have a scale that is not positive',
  );
  const bias = b ? integers(b) : new Array<number>(channels).fill(0);
  const fits = bias.length === channels && (!b || b.type === 'int32');
  need(fits, `its bias has ${bias.length} values (${b?.type}) for ${channels} output channels`);
  const stored = new Int8Array(w.data.slice().buffer),
    taps = size / channels;
  const weights =
    axis === 0 ? stored : stored.map((_, i) => stored[(i % taps) * channels + Math.floor(i / taps)]);
  return { weights, scales: Float64Array.from(w.scales), bias: Int32Array.from(bias) };
}
