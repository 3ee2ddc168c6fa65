/** What the conversion of every TFLite operator is made of; what cannot be expressed is a Refusal. */
import { elements, type Activation, type IntParameters, type Node, type Quantization } from '../graph';
import type { TfOperator, TfTensor } from './read';

/** Why an operator cannot be taken, and what to do about it. */
export class Refusal extends Error {}

type Unnamed = Node<IntParameters> extends infer N ? (N extends unknown ? Omit<N, 'name'> : never) : never;

/** What a converter may ask and add. */
export interface Context {
  single: boolean;
  /** The tensor's name in the graph; constants become `constant` nodes when an operator reads them as activations. */
  name(tensor: TfTensor): string;
  /** A new activation of the given shape and quantization, for chains of nodes. */
  temporary(shape: number[], like: TfTensor): string;
  emit(node: Unnamed): void;
}

export type Converter = (op: TfOperator, context: Context) => void;

export const need = (ok: unknown, why: string): void => {
  if (!ok) throw new Refusal(why);
};

/** Activations are int8 with one scale. */
export function quantization(tensor: TfTensor): Quantization {
  need(tensor.type === 'int8', `tensor ${tensor.name} is ${tensor.type}; only int8 runs on the device: convert the model with full integer quantization`);
  need(tensor.scales.length === 1 && tensor.zeroPoints.length === 1, `tensor ${tensor.name} has ${tensor.scales.length} scales; activations need one`);
  const [scale] = tensor.scales, [zeroPoint] = tensor.zeroPoints;
  need(scale > 0 && Number.isFinite(scale) && zeroPoint >= -128 && zeroPoint <= 127, `tensor ${tensor.name} has scale ${scale} and zero point ${zeroPoint}`);
  return { scale, zeroPoint };
}

export const operand = (op: TfOperator, i: number): TfTensor => op.inputs[i] ?? refuse(`input ${i} is missing`);
export const result = (op: TfOperator): TfTensor => op.outputs[0] ?? refuse('it has no output');
export function refuse(why: string): never {
  throw new Refusal(why);
}

/** A constant int32 (or int64) list: axes, paddings, sizes. */
export function integers(tensor: TfTensor): number[] {
  const bytes = tensor.type === 'int64' ? 8 : 4;
  need(['int32', 'int64'].includes(tensor.type) && tensor.data.length === elements(tensor.shape) * bytes && tensor.data.length > 0, `tensor ${tensor.name} should be a constant list of integers`);
  const view = new DataView(tensor.data.buffer, tensor.data.byteOffset, tensor.data.length);
  return Array.from({ length: tensor.data.length / bytes }, (_, i) => (bytes === 8 ? Number(view.getBigInt64(i * 8, true)) : view.getInt32(i * 4, true)));
}

export function activation(code: number): Activation {
  const name = (['none', 'relu', 'reluN1To1', 'relu6'] as const)[code];
  return name ?? refuse(`its fused activation is ${['', '', '', '', 'TANH', 'SIGN_BIT'][code] || code}; NONE, RELU, RELU6 and RELU_N1_TO_1 can be fused`);
}
