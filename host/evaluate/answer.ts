/** What a model's first output is, and how a decision follows from it. */
import { FlintError } from '../../src/error';
import type { Quantization } from '../graph';

/**
 * The first output: classes, one probability, one value, a map with classes at each position, or rows of values,
 * as the boxes of a detector.
 */
export type Answer =
  | { kind: 'classes'; classes: number }
  | { kind: 'binary' }
  | { kind: 'value' }
  | { kind: 'map'; height: number; width: number; classes: number }
  | { kind: 'rows'; rows: number; columns: number };

/** int8 values of a sigmoid: 0 to 1, and no other. */
const isProbability = ({ scale, zeroPoint }: Quantization): boolean =>
  Math.abs(scale * 256 - 1) < 1e-3 && zeroPoint === -128;

/** @param shape of the first output, [1, height, width, channels], [1, rows, columns] or [1, n] */
export function answerOf(shape: number[], quantization: Quantization): Answer {
  const [classes] = shape.slice(-1),
    positions = shape.slice(1, -1).reduce((a, b) => a * b, 1);
  if (positions > 1) {
    const [, height, width] = shape;
    if (shape.length === 4) return { kind: 'map', height, width, classes };
    return { kind: 'rows', rows: positions, columns: classes };
  }
  if (classes > 1) return { kind: 'classes', classes };
  return { kind: isProbability(quantization) ? 'binary' : 'value' };
}

/** What is made of the output, for people. */
export function answerWords(answer: Answer): string {
  switch (answer.kind) {
    case 'classes':
      return `${answer.classes} classes; the largest value decides`;
    case 'binary':
      return 'one probability: class 1 from 0.5 on, else class 0';
    case 'value':
      return 'one value, which decides nothing: run prints it, eval does not measure it';
    case 'map':
      return (
        `a map of ${answer.height} x ${answer.width} x ${answer.classes}: the largest value decides at each ` +
        'position; eval does not measure it'
      );
    case 'rows':
      return `${answer.rows} x ${answer.columns} values, which the app reads; eval does not measure them`;
  }
}

/** How many classes images can have. @throws FlintError where the output decides on none */
export function classesOf(answer: Answer): number {
  if (answer.kind === 'classes') return answer.classes;
  if (answer.kind === 'binary') return 2;
  throw new FlintError(
    `accuracy needs a model that names a class for each image; this one gives ${answerWords(answer)}`,
  );
}

/**
 * What is said where folders alone tell the order of classes, and are fewer than these: which class each stands
 * for is then a guess.
 */
export const orderRemarks = (path: string, order: string[] | undefined, classes: number): string[] =>
  order && order.length < classes
    ? [
        `${path}: ${order.length} ${order.length > 1 ? 'folders' : 'folder'} for ${classes} classes, taken for the ` +
          `first of them (${order.map((name, i) => `${i}: ${name}`).join(', ')}); labels in the model (--labels of ` +
          'flint pack) tell which they are',
      ]
    : [];

/** The class of the largest value; of a single probability whether it is at least a half. */
export function decision(values: ArrayLike<number>, half = 0.5): number {
  if (values.length === 1) return Number(values[0] >= half);
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}

/** int8 of a half, where the output is a probability. */
export const HALF = 0;
