/** Models that carry their own quantization (QDQ): scales and zero points are taken from them. */
import { elements } from '../../graph';
import { floats, need, type OnnxContext } from './context';
import type { Constant, OnnxNode } from './read';

/** The scale and zero point of a QuantizeLinear; uint8 becomes int8. */
export function quantizeLinear(c: OnnxContext): void {
  const x = c.value(0),
    scale = floats(c, 1, 'scale').data,
    zero = c.constant(2);
  need(
    scale.every((s) => s > 0),
    'its scale must be positive',
  );
  need(scale.length === 1 && (!zero || zero.data.length === 1), 'activations need one scale and zero point');
  c.quantized(x, scale[0], zero ? zero.data[0] - (zero.unsigned ? 128 : 0) : -128);
  c.alias(x);
}

/** Stored integers as the floats they stand for. */
export function dequantized(node: OnnxNode, constant: (name: string) => Constant | undefined): Constant {
  const [values, scale, zero] = node.inputs.map((name) => (name ? constant(name) : undefined));
  need(values && scale && Array.isArray(values.data), 'its input and scale must be constants');
  const axis = node.attributes.get('axis') ?? 1,
    { shape, data } = values,
    scales = Array.from(scale.data);
  need(
    scales.every((s) => s > 0 && s < Infinity),
    'its scales must be positive',
  );
  need(typeof axis === 'number', 'its axis must be a number');
  const inner = elements(shape.slice(axis + 1)),
    at = (i: number): number => (scales.length > 1 ? Math.floor(i / inner) % scales.length : 0);
  need(
    !zero || Array.from(zero.data).every((z) => z === (values.unsigned ? 128 : 0)),
    'its weights are asymmetric: only zero points of 0 (int8) and 128 (uint8) run',
  );
  need(
    scales.length === 1 || shape[axis] === scales.length,
    `it has ${scales.length} scales along axis ${axis} of [${shape}]`,
  );
  return {
    shape,
    data: Float32Array.from(data as number[], (q, i) => (q - (values.unsigned ? 128 : 0)) * scales[at(i)]),
    scales,
  };
}
