/**
 * Values between the nodes that one TFLite operator becomes, where no operator of the device does it alone.
 * Their shapes may have any number of dimensions; the graph keeps the last four.
 */
import { elements } from '../../graph';
import type { TfContext } from './context';
import type { TfTensor } from './read';

/** A tensor of the graph as the operator sees it. */
export interface Value {
  name: string;
  shape: number[];
  /** The tensor whose quantization it has. */
  like: TfTensor;
}

export const valueOf = (c: TfContext, tensor: TfTensor): Value => ({
  name: c.name(tensor),
  shape: tensor.shape,
  like: tensor,
});

/** A value that the next node writes. */
export const temporary = (c: TfContext, shape: number[], like: TfTensor): Value => ({
  name: c.temporary(shape, like),
  shape,
  like,
});

/** The same bytes in another shape. */
export function viewed(c: TfContext, value: Value, shape: number[]): Value {
  if (shape.join() === value.shape.join()) return value;
  const view = temporary(c, shape, value.like);
  c.emit({ op: 'reshape', inputs: [value.name], output: view.name });
  return view;
}

/** A value as the result of the operator. */
export function finish(c: TfContext, value: Value, result: TfTensor): void {
  c.emit({ op: 'reshape', inputs: [value.name], output: c.name(result) });
}

/** A shape as the graph stores it: of more than four dimensions the outermost are one. */
export const storedShape = (shape: number[]): number[] =>
  shape.length > 4 ? [elements(shape.slice(0, -3)), ...shape.slice(-3)] : shape.length ? shape : [1];
