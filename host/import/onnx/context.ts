/**
 * What the conversion of a node sees of the model, and how it reads the node's attributes and constants:
 * never trusting them.
 */
import { FlintError } from '../../../src/error';
import { elements, type FloatGraph, type FloatParameters, type Node } from '../../graph';
import type { Constant, OnnxNode } from './read';

/** Why a node cannot run. */
export class Refusal extends FlintError {}

/** An ONNX value: a tensor of our graph, seen as ONNX shapes it. */
export interface Value {
  /** An image [1, height, width, channels] when `shape` has four dimensions, else a vector [1, n]. */
  tensor: string;
  /** As ONNX has it: [1, channels, height, width], or anything else with a one in front. */
  shape: number[];
  /**
   * Set when this is a flattened image whose n values ONNX orders by channel, we by pixel: [channels, height,
   * width].
   */
  flattened?: [number, number, number];
}

/** A node without its name and output, which the importer knows. */
export type Part =
  Node<FloatParameters> extends infer N ? (N extends unknown ? Omit<N, 'name' | 'output'> : never) : never;

/** What a converter may ask and add. */
export interface OnnxContext {
  graph: FloatGraph;
  node: OnnxNode;
  opset: number;
  /** The value of input i; refuses constants and missing ones. */
  value(i: number): Value;
  /** The constant at input i, undefined when there is none. */
  constant(i: number): Constant | undefined;
  /** Adds a node whose output is ONNX output `i` (0), with the given ONNX shape. */
  emit(node: Part, shape: number[], flattened?: Value['flattened'], i?: number): void;
  /**
   * Adds a node in front; returns the value it computes. @param source the ONNX value that takes the same
   * values
   */
  before(node: Part, shape: number[], source: string): Value;
  /** The ONNX output is the same as this value. */
  alias(value: Value): void;
  /** The model says how this value is quantized. */
  quantized(value: Value, scale: number, zeroPoint: number): void;
}

/** Turns one ONNX node into nodes of the graph, NCHW into NHWC; what cannot be expressed is a Refusal. */
export type OnnxConverter = (c: OnnxContext) => void;

/** ONNX [1, c, h, w] as our [1, h, w, c]; all else is a vector. */
export const nhwc = (shape: number[]): number[] =>
  shape.length === 4 ? [shape[0], shape[2], shape[3], shape[1]] : [1, elements(shape)];

/** Where ONNX's dimensions of an image stand in ours, and ours in ONNX's. */
export const TO_OURS = [0, 3, 1, 2],
  TO_ONNX = [0, 2, 3, 1];

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

/** Input i as an image. @throws Refusal when it is none */
export function image(c: OnnxContext, i = 0): Value {
  const value = c.value(i);
  const right = value.shape.length === 4;
  need(right, `its input has the shape [${value.shape}]; an image [1, channels, height, width] is needed`);
  return value;
}

/** Input i, unless the order of its values is not the one that ONNX means. */
export function ordered(c: OnnxContext, i = 0): Value {
  const value = c.value(i);
  need(
    !value.flattened,
    'its input is a flattened image, whose values the device has in another order: ' +
      'flatten later, just before the fully connected layer',
  );
  return value;
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

/** Values given in ONNX's order of a flattened image, in ours. */
export function inPixelOrder(values: Float32Array, flattened: Value['flattened']): Float32Array {
  if (!flattened) return values;
  const [channels, height, width] = flattened,
    pixels = height * width;
  return values.map((_, i) => values[(i % channels) * pixels + Math.floor(i / channels)]);
}
