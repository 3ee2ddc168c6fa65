/** What the conversion of every TFLite operator is made of; what cannot be expressed is a Refusal. */
import { FlintError } from '../../../src/error';
import {
  elements,
  sameQuantization,
  type Activation,
  type IntParameters,
  type Node,
  type Quantization,
} from '../../graph';
import type { TfOperator, TfTensor } from './read';

/** Why an operator cannot be taken, and what to do about it. */
export class Refusal extends FlintError {}

type Unnamed = Node<IntParameters> extends infer N ? (N extends unknown ? Omit<N, 'name'> : never) : never;

/** What a converter may ask and add. */
export interface TfContext {
  /**
   * The tensor's name in the graph; constants become `constant` nodes when an operator reads them as
   * activations.
   */
  name(tensor: TfTensor): string;
  /** A new activation of the given shape and quantization, for chains of nodes. */
  temporary(shape: number[], like: TfTensor): string;
  emit(node: Unnamed): void;
}

/** Turns one TFLite operator into nodes of the graph. */
export type TfConverter = (op: TfOperator, context: TfContext) => void;

/** Says why the operator cannot be taken. @throws Refusal */
export function refuse(why: string): never {
  throw new Refusal(why);
}

/** Refuses the operator where a condition does not hold. @throws Refusal */
export function need(ok: unknown, why: string): asserts ok {
  if (!ok) refuse(why);
}

/**
 * Refuses an operator that copies or compares integers of another scale than its output's. @throws Refusal
 */
export function needScaleOf(output: TfTensor, input: TfTensor, purpose: string): void {
  need(
    sameQuantization(quantization(input), quantization(output)),
    `its input ${input.name} has another scale than its output: requantize before ${purpose}`,
  );
}

/** Activations are int8 with one scale. */
export function quantization(tensor: TfTensor): Quantization {
  const { name, type, scales, zeroPoints } = tensor;
  need(
    type === 'int8',
    `tensor ${name} is ${type}; only int8 runs on the device: ` +
      'convert the model with full integer quantization',
  );
  need(
    scales.length === 1 && zeroPoints.length === 1,
    `tensor ${name} has ${scales.length} scales; activations need one`,
  );
  const [scale] = scales,
    [zeroPoint] = zeroPoints;
  const good = scale > 0 && Number.isFinite(scale) && zeroPoint >= -128 && zeroPoint <= 127;
  need(good, `tensor ${name} has scale ${scale} and zero point ${zeroPoint}`);
  return { scale, zeroPoint };
}

/** Input i. @throws Refusal when it is left out */
export const operand = (op: TfOperator, i: number): TfTensor =>
  op.inputs[i] ?? refuse(`input ${i} is missing`);
/** The first output. @throws Refusal when there is none */
export const result = (op: TfOperator): TfTensor => op.outputs[0] ?? refuse('it has no output');

/** A constant int32 (or int64) list: axes, paddings, sizes. */
export function integers(tensor: TfTensor): number[] {
  const { name, type, data, shape } = tensor,
    bytes = type === 'int64' ? 8 : 4;
  const whole =
    ['int32', 'int64'].includes(type) && data.length === elements(shape) * bytes && data.length > 0;
  need(whole, `tensor ${name} should be a constant list of integers`);
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  return Array.from({ length: data.length / bytes }, (_, i) =>
    bytes === 8 ? Number(view.getBigInt64(i * 8, true)) : view.getInt32(i * 4, true),
  );
}

/** The fused activation by its code in the schema. @throws Refusal when it cannot be fused */
export function activation(code: number): Activation {
  const name = (['none', 'relu', 'reluN1To1', 'relu6'] as const)[code];
  const asked = code === 4 ? 'TANH' : code === 5 ? 'SIGN_BIT' : code;
  return name ?? refuse(`its fused activation is ${asked}; NONE, RELU, RELU6 and RELU_N1_TO_1 can be fused`);
}
