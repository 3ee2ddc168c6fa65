/**
 * What the conversion of a node sees of the model, and how it reads the node's attributes and constants:
 * never trusting them.
 */
import { FlintError } from '../../../src/error';
import { elements, type FloatGraph, type FloatParameters, type Node, type Quantization } from '../../graph';
import { layoutOf, ownOrder, usualOrder, type Layout } from './layout';
import type { Constant, OnnxNode } from './read';

/** Why a node cannot run. */
export class Refusal extends FlintError {}

/** An ONNX value: a tensor of our graph, seen as ONNX shapes it. */
export interface Value extends Layout {
  /** What holds the values, in the layout's order; of whatever shape. */
  tensor: string;
  /** Its name in the model. */
  name: string;
}

/** A node without its name and output, which the importer knows. */
export type Part =
  Node<FloatParameters> extends infer N ? (N extends unknown ? Omit<N, 'name' | 'output'> : never) : never;

/** Values that are integers, with the inputs of the QuantizeLinear that made them: scale, zero point. */
export type Integers = Map<string, string[]>;

/** What a converter may ask and add. */
export interface OnnxContext {
  graph: FloatGraph;
  node: OnnxNode;
  opset: number;
  /** The value of input i; refuses constants and missing ones. */
  value(i: number): Value;
  /** The constant at input i, undefined when there is none. */
  constant(i: number): Constant | undefined;
  /**
   * Adds a node whose output is ONNX output `i` (0).
   * @param layout what ONNX makes of the node's output
   * @param shape of our tensor; what suits the layout when absent
   */
  emit(node: Part, layout: Layout, shape?: number[], i?: number): void;
  /**
   * Adds a node in front; returns the value it computes.
   * @param source the ONNX value that takes the same values
   */
  before(node: Part, layout: Layout, source: string, shape?: number[]): Value;
  /** The ONNX output is the same as this value. */
  alias(value: Value): void;
  /** The ONNX output is input 0, seen in another way. */
  seenAs(layout: Layout): void;
  /** The model says how this value is quantized. @throws Refusal where it has said otherwise */
  quantized(value: Value, quantization: Quantization): void;
  /** How the value is quantized, as far as the model has said. */
  quantization(value: Value): Quantization | undefined;
  /** Values that are integers. */
  integers: Integers;
}

/** Turns one ONNX node into nodes of the graph; what cannot be expressed is a Refusal. */
export type OnnxConverter = (c: OnnxContext) => void;

/** The shape of our tensor for a layout: dimensions as memory holds them, where four are enough. */
export function shapeOf(layout: Layout): number[] {
  const { shape, order } = layout,
    lie = (dims: number[]): boolean => layoutOf(shape, dims).order.join() === order.join();
  if (layoutOf(shape).axes.length === order.length && shape.length > 1 && shape.length <= 4)
    for (const dims of [usualOrder(shape), ownOrder(shape)]) if (lie(dims)) return dims.map((d) => shape[d]);
  return [1, elements(shape)];
}

/** Says why the node cannot be taken. @throws Refusal */
export function refuse(why: string): never {
  throw new Refusal(why);
}

/** Refuses the node where a condition does not hold. @throws Refusal */
export function need(ok: unknown, why: string): asserts ok {
  if (!ok) refuse(why);
}

/** A number the node may carry. */
export function number(c: OnnxContext, name: string, otherwise: number): number {
  const value = c.node.attributes.get(name) ?? otherwise;
  need(typeof value === 'number' && !Number.isNaN(value), `its attribute ${name} must be a number`);
  return value;
}

/** A list of whole numbers the node may carry. */
export function numbers<T extends number[] | undefined>(
  c: OnnxContext,
  name: string,
  otherwise: T,
  length?: number,
): number[] | T {
  const value = c.node.attributes.get(name) ?? otherwise;
  if (value === undefined) return value as T;
  need(
    Array.isArray(value) && value.every(Number.isInteger),
    `its attribute ${name} must be a list of whole numbers`,
  );
  const right = length === undefined || value.length === length;
  need(right, `its attribute ${name} has ${value.length} values; ${length} are needed`);
  return value;
}

/** One of several words. */
export function word(c: OnnxContext, name: string, otherwise: string, known: string[]): string {
  const value = c.node.attributes.get(name) ?? otherwise;
  need(
    typeof value === 'string' && known.includes(value),
    `its ${name} is ${value}; what can run: ${known.join(', ')}`,
  );
  return value;
}

/** The constant at input i, undefined when that input is left out; refuses what is computed. */
export function optional(c: OnnxContext, i: number, what: string): Constant | undefined {
  const constant = c.constant(i);
  need(constant || !c.node.inputs[i], `its ${what} must be a constant`);
  return constant;
}

/** A constant of finite floats. */
export function floats(c: OnnxContext, i: number, what: string): Constant & { data: Float32Array } {
  const constant = c.constant(i);
  need(constant?.data instanceof Float32Array, `its ${what} must be a constant of floats`);
  need(
    constant.data.every(Number.isFinite),
    `its ${what}, ${c.node.inputs[i]}, holds values that are not finite`,
  );
  return constant as Constant & { data: Float32Array };
}

/** The scales of weights that were stored as integers, where they go by that axis or are one for all. */
export const scalesAlong = (axis: number, { scales, scalesAxis = axis }: Constant): number[] | undefined =>
  scalesAxis === axis ? scales : undefined;

/** Whole numbers that are an input in newer opsets, an attribute in older ones. */
export function integers(c: OnnxContext, i: number, name: string): number[] | undefined {
  const constant = optional(c, i, name);
  if (!constant) return numbers(c, name, undefined);
  need(Array.isArray(constant.data), `its ${name} must be whole numbers`);
  return constant.data;
}

/** One number that is an input in newer opsets, an attribute in older ones. */
export function scalar(c: OnnxContext, i: number, name: string, otherwise: number): number {
  const constant = optional(c, i, name);
  if (!constant) return number(c, name, otherwise);
  need(constant.data.length === 1, `its ${name} has ${constant.data.length} values; one is needed`);
  return constant.data[0];
}

/** An axis counted from the front. */
export function axisOf(given: number, rank: number): number {
  const axis = given < 0 ? given + rank : given;
  need(
    Number.isInteger(axis) && axis >= 0 && axis < rank,
    `it has no axis ${given} among its ${rank} dimensions`,
  );
  return axis;
}
