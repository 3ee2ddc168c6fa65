/** Tensors and positions in them, of which references are made. */
import type { IntParameters, Kind, NodeOf, Quantization, Window } from '../../../host/graph';

export interface Operand extends Quantization {
  shape: number[];
  /** int8, or real values in a float graph. */
  values: ArrayLike<number>;
}

/**
 * An operator written down: the value at a position of its output. @typeParam K the node's kind, P its
 * parameters
 */
export type Reference<K extends Kind, P = IntParameters> = (
  node: NodeOf<K, P>,
  inputs: Operand[],
  output: Omit<Operand, 'values'>,
  single: boolean,
) => (position: number[]) => number;

/** The value at a position. */
export function at({ values, shape }: Operand, position: number[]): number {
  let index = 0;
  shape.forEach((size, i) => (index = index * size + position[i]));
  return values[index];
}

/**
 * The value at a position of a larger tensor: the operand stands under its last dimensions, those of 1 are
 * repeated.
 */
export function repeatedAt(operand: Operand, position: number[]): number {
  const last = position.slice(position.length - operand.shape.length);
  return at(
    operand,
    last.map((p, i) => (operand.shape[i] === 1 ? 0 : p)),
  );
}

/** Every position of a shape, the last dimension fastest. */
export function positions(shape: number[]): number[][] {
  const result: number[][] = [];
  const visit = (position: number[]): void => {
    if (position.length === shape.length) result.push(position);
    else for (let i = 0; i < shape[position.length]; i++) visit([...position, i]);
  };
  visit([]);
  return result;
}

/** Taps of a window over an image that do not lie in the padding: their numbers and the pixels under them. */
export function tapsUnder(
  w: Window,
  [, height, width]: number[],
  row: number,
  column: number,
): { k: number; pixel: number }[] {
  const taps: { k: number; pixel: number }[] = [];
  for (let ky = 0; ky < w.kernel[0]; ky++)
    for (let kx = 0; kx < w.kernel[1]; kx++) {
      const y = row * w.stride[0] - w.pads[0] + ky * w.dilation[0],
        x = column * w.stride[1] - w.pads[1] + kx * w.dilation[1];
      if (y >= 0 && x >= 0 && y < height && x < width)
        taps.push({ k: ky * w.kernel[1] + kx, pixel: y * width + x });
    }
  return taps;
}
