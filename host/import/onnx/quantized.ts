/**
 * Models that carry their own quantization: scales and zero points are taken from their QuantizeLinear and
 * DequantizeLinear nodes (QDQ). What else brings integers along is spelled so first; see qoperator.ts.
 */
import { elements, sameQuantization, type Quantization } from '../../graph';
import { halfEven } from '../../operators/real-tables';
import { axisOf, floats, need, type OnnxContext } from './context';
import { emitAlike } from './order';
import type { Constant, OnnxNode } from './read';

/** uint8 is int8 with all values, zero points among them, 128 higher. */
const shiftOf = ({ unsigned }: Constant): number => (unsigned ? 128 : 0);

/** Scale and zero point that a node gives for all of a tensor, as int8. */
function perTensor(c: OnnxContext): Quantization {
  const { data: scale } = floats(c, 1, 'scale'),
    zero = c.constant(2);
  need(zero || !c.node.inputs[2], 'its zero point must be a constant');
  need(
    scale.length === 1 && (!zero || zero.data.length === 1),
    `it has ${scale.length} scales: activations need one scale and zero point`,
  );
  need(scale[0] > 0, `its scale is ${scale[0]}: it must be positive`);
  need(
    (zero?.bits ?? 8) === 8,
    `it makes integers of ${zero?.bits} bits: quantize activations and weights to 8 bits`,
  );
  // Without a zero point it is uint8 and 0.
  const zeroPoint = zero ? zero.data[0] - shiftOf(zero) : -128;
  need(
    Number.isInteger(zeroPoint) && zeroPoint >= -128 && zeroPoint <= 127,
    `its zero point is ${zero?.data[0]}: 8-bit integers are needed`,
  );
  return { scale: scale[0], zeroPoint };
}

/** From here on the value is integers; where it is already, of another scale, they are requantized. */
export function quantizeLinear(c: OnnxContext): void {
  const x = c.value(0),
    wanted = perTensor(c),
    known = c.quantization(x),
    [output] = c.node.outputs;
  c.integers.set(output, c.node.inputs.slice(1));
  if (!known || sameQuantization(known, wanted)) {
    c.quantized(x, wanted);
    return c.alias(x);
  }
  emitAlike(c, x, { op: 'lookup', inputs: [x.tensor], function: 'requantize' });
  c.quantized({ ...x, tensor: output }, wanted);
}

/** Integers as the real values that they stand for: the same tensor. */
export function dequantizeLinear(c: OnnxContext): void {
  const x = c.value(0);
  need(c.integers.has(c.node.inputs[0]), `its input ${c.node.inputs[0]} holds no integers`);
  c.quantized(x, perTensor(c));
  c.alias(x);
}

/** What a node's scales and zero points are for each value of a constant. */
function layout(
  { shape }: Constant,
  { scales, zero, axis }: { scales: number[]; zero?: Constant; axis: number },
): (i: number) => [scale: number, zeroPoint: number] {
  need(scales.length > 0 && scales.every((s) => s > 0 && s < Infinity), 'its scales must be positive');
  need(
    !zero || zero.data.length === 1 || zero.data.length === scales.length,
    `it has ${zero?.data.length} zero points for ${scales.length} scales`,
  );
  if (scales.length === 1) return () => [scales[0], zero?.data[0] ?? 0];
  const along = axisOf(axis, shape.length),
    inner = elements(shape.slice(along + 1));
  need(shape[along] === scales.length, `it has ${scales.length} scales along axis ${axis} of [${shape}]`);
  return (i) => {
    const k = Math.floor(i / inner) % scales.length;
    return [scales[k], zero?.data[(zero.data.length > 1 && k) || 0] ?? 0];
  };
}

const parametersOf = (
  node: OnnxNode,
  constant: (name: string) => Constant | undefined,
): { values: Constant; scales: number[]; zero?: Constant; axis: number } => {
  const [values, scale, zero] = node.inputs.map((name) => (name ? constant(name) : undefined)),
    axis = node.attributes.get('axis') ?? 1;
  need(values && scale, 'its input and scale must be constants');
  need(zero || !node.inputs[2], 'its zero point must be a constant');
  need(typeof axis === 'number', 'its axis must be a number');
  return { values, scales: Array.from(scale.data), zero, axis };
};

/** Stored integers as the floats they stand for. */
export function dequantized(node: OnnxNode, constant: (name: string) => Constant | undefined): Constant {
  const { values, ...parameters } = parametersOf(node, constant),
    { shape, data } = values,
    { scales, zero } = parameters;
  need(Array.isArray(data), `its input ${node.inputs[0]} holds no integers`);
  const at = layout(values, parameters),
    axis = scales.length > 1 ? axisOf(parameters.axis, shape.length) : undefined;
  const real = Float32Array.from(data, (q, i) => {
    const [scale, zeroPoint] = at(i);
    return (q - zeroPoint) * scale;
  });
  const shift = shiftOf(values),
    isByte = data.every((q) => q - shift >= -128 && q - shift <= 127),
    quantization =
      scales.length === 1 && isByte
        ? { scale: scales[0], zeroPoint: (zero?.data[0] ?? 0) - shift }
        : undefined;
  return { shape, data: real, scales, scalesAxis: axis, quantization };
}

/** Floats that the model itself rounds to integers: a trained model may keep its weights so. */
export function quantized(node: OnnxNode, constant: (name: string) => Constant | undefined): Constant {
  const { values, ...parameters } = parametersOf(node, constant),
    { zero } = parameters;
  need(values.data instanceof Float32Array, `its input ${node.inputs[0]} holds no floats`);
  const at = layout(values, parameters),
    unsigned = zero?.unsigned ?? !zero,
    lowest = unsigned ? 0 : -128;
  const data = Array.from(values.data, (v, i) => {
    const [scale, zeroPoint] = at(i);
    return Math.max(lowest, Math.min(lowest + 255, halfEven(Math.fround(v / scale)) + zeroPoint));
  });
  return { shape: values.shape, data, unsigned };
}
