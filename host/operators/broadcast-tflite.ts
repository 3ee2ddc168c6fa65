/** Two operands of which one or both are repeated, from TFLite. */
import { elements } from '../graph';
import { valueOf, type Value } from '../import/tflite/chain';
import { need, operand, result, type TfContext } from '../import/tflite/context';
import type { TfOperator, TfTensor } from '../import/tflite/read';
import { indicesOf, stridesOf } from '../view';
import { joined } from './concatenation';

/** A value along an axis again and again: doubled, and joined to its doubles. */
export function repeated(c: TfContext, x: Value, axis: number, times: number): Value {
  const parts: Value[] = [];
  for (let bit = 1, double = x; ; double = joined(c, [double, double], axis), bit *= 2) {
    if (times & bit) parts.push(double);
    if (bit * 2 > times) return parts.length > 1 ? joined(c, parts, axis) : parts[0];
  }
}

/** A constant with its values where a larger shape has them. */
function repeatedConstant(t: TfTensor, from: number[], shape: number[]): TfTensor {
  const strides = stridesOf(from).map((stride, d) => (from[d] === 1 ? 0 : stride)),
    data = Uint8Array.from(indicesOf({ sizes: shape, strides }), (at) => t.data[at]);
  return { ...t, shape, data };
}

/**
 * The operator's operands as the device takes them: the first as large as the result, the second repeated as
 * often as it fits. What is repeated in any other way is written out.
 * @returns with `swapped` when the first was the second
 */
export function operands(op: TfOperator, c: TfContext): { large: Value; small: Value; swapped: boolean } {
  const { shape } = result(op),
    tensors = [operand(op, 0), operand(op, 1)],
    shapes = tensors.map((t) => [
      ...new Array<number>(Math.max(0, shape.length - t.shape.length)).fill(1),
      ...t.shape,
    ]);
  const fits = shapes.every((s) => s.length === shape.length && s.every((d, i) => d === 1 || d === shape[i])),
    given = tensors.map((t) => `[${t.shape}]`).join(' and ');
  need(fits, `operands of the shapes ${given} do not make [${shape}]`);
  c.name(result(op)); // refuses one that no arena could hold
  const swapped = elements(shapes[1]) > elements(shapes[0]),
    size = elements(shape);
  const [a, b] = tensors.map((t, i): Value => {
    const from = shapes[i],
      first = from.findIndex((d) => d !== 1),
      inOrder = first < 0 || from.slice(first).every((d, k) => d === shape[first + k]);
    if (elements(from) === size || (inOrder && i === (swapped ? 0 : 1))) return valueOf(c, t);
    if (t.data.length === elements(from)) return valueOf(c, repeatedConstant(t, from, shape));
    let value = { ...valueOf(c, t), shape: from };
    for (let d = shape.length - 1; d >= 0; d--)
      if (from[d] !== shape[d]) value = repeated(c, value, d, shape[d]);
    return value;
  });
  return swapped ? { large: b, small: a, swapped } : { large: a, small: b, swapped };
}
