/**
 * What an operator is to the packer: how it comes in, what scale its output has, and the record that the
 * device reads.
 */
import type { IntGraph, IntParameters, Kind, NodeOf, Quantization, TensorInfo } from '../graph';
import type { OnnxConverter } from '../import/onnx/context';
import type { TfConverter } from '../import/tflite/context';

/** What a model is packed for: least flash, fewest instructions, or both in turn. */
export type Aim = 'size' | 'balance' | 'speed';

/**
 * Part of a record: a word, a run of words that begins there, or data of the file whose offset the word
 * holds.
 */
export type Field = [word: number, value: number | number[] | Int8Array | Uint8Array | Int32Array];

/** One operator as the file will hold it. */
export interface Lowered {
  /** The device's name for it. */
  operator: string;
  /** Its own words, each exactly once; see record.ts. */
  fields: Field[];
  /** Bytes of arena that it needs while it runs. */
  scratchBytes?: number;
}

/** What lowering a node may ask. */
export interface Lowering {
  /** A tensor of the graph, quantized. */
  tensor(name: string): TensorInfo & { quantization: Quantization };
  /** Its index in the file. */
  index(name: string): number;
  /** Round once instead of twice. */
  single: boolean;
  aim: Aim;
}

/**
 * The scale of an operator's output: its own, from the values it takes; its input's, because it moves or
 * compares bytes; or one that the operator's arithmetic fixes.
 */
export type ScaleRule = 'own' | 'input' | Quantization;

/** One kind of node. */
export interface HostOperator<K extends Kind> {
  kind: K;
  /** The device's operators that it may become; none for what is folded away or only names bytes anew. */
  device: string[];
  /** TFLite's operators that become it, by their names. */
  tflite?: Record<string, TfConverter>;
  /** ONNX's. */
  onnx?: Record<string, OnnxConverter>;
  scale(node: NodeOf<K, unknown>): ScaleRule;
  /**
   * Steps of one run, as the device counts them: multiply-adds, or values that windows look at; 0 when
   * absent.
   */
  work?(node: NodeOf<K, IntParameters>, tensors: IntGraph['tensors']): number;
  /** The record; absent for kinds that have none. */
  lower?(node: NodeOf<K, IntParameters>, lowering: Lowering): Lowered;
}

/** An operator of any kind. */
export type AnyOperator = HostOperator<never>;

/** A definition, checked for its own kind and then usable beside those of all others. */
export const define = <K extends Kind>(operator: HostOperator<K>): AnyOperator =>
  operator as unknown as AnyOperator;
