/** What the folding of a node sees, and how it makes constants. */
import { elements } from '../../graph';
import { need } from './context';
import type { Constant, OnnxNode } from './read';

/** No file makes us compute more values than this. */
const LARGEST = 2 ** 25;

/** What the folding of a node sees. */
export interface Folding {
  node: OnnxNode;
  opset: number;
  /** The constant at input i. */
  input(i: number): Constant;
  /** Whole numbers at input i, or an attribute of older opsets. */
  list(i: number, name: string): number[] | undefined;
  attribute(name: string, otherwise: number): number;
}

/** Computes the constant that a node is. */
export type Fold = (f: Folding) => Constant;

export const isFloat = ({ data }: Constant): boolean => data instanceof Float32Array;

/** Values of the kind that `like` has. */
export function constantLike(like: Constant, shape: number[], values: ArrayLike<number>): Constant {
  if (isFloat(like)) return { shape, data: Float32Array.from(values) };
  return { shape, data: Array.from(values), unsigned: like.unsigned };
}

/** The values at the given places. */
export const picked = (x: Constant, shape: number[], places: Int32Array): Constant =>
  constantLike(
    x,
    shape,
    isFloat(x) ? Float32Array.from(places, (p) => x.data[p]) : Array.from(places, (p) => x.data[p]),
  );

/** Refuses a shape of more values than are computed. @throws Refusal */
export function needRoom(shape: number[]): void {
  need(elements(shape) <= LARGEST, `its output [${shape}] is larger than any microcontroller's memory`);
}
