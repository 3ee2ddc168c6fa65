/** TFLite's reductions over dimensions that lie side by side. */
import { elements, type IntParameters, type Node } from '../graph';
import { integers, need, operand, result, type TfConverter } from '../import/tflite/context';

type Reduction =
  Node<IntParameters> extends infer N
    ? N extends unknown
      ? Omit<N, 'name' | 'inputs' | 'output'>
      : never
    : never;

/**
 * Over dimensions with nothing but ones before them, [.., h, w, c] to [.., c]: as an image that is reduced to
 * one pixel.
 * @param make the node for an image of [height, width]
 */
export const reduce =
  (make: (size: [number, number]) => Reduction): TfConverter =>
  (op, c) => {
    const x = operand(op, 0),
      rank = x.shape.length,
      given = integers(operand(op, 1)).map((a) => (a < 0 ? a + rank : a)),
      axes = [...new Set(given)].sort((a, b) => a - b);
    const title = `axes [${axes}] of [${x.shape}]`,
      adjacent = axes.length > 0 && axes.every((a, i) => a >= 0 && a < rank && a === axes[0] + i);
    need(adjacent, `${title}: they must lie side by side`);
    need(elements(x.shape.slice(0, axes[0])) === 1, `${title}: only dimensions of 1 may lie before them`);
    const size = elements(axes.map((a) => x.shape[a])),
      channels = elements(x.shape.slice(axes[axes.length - 1] + 1));
    const height = axes.length > 1 ? x.shape[axes[0]] : size,
      width = size / height;
    const image = c.temporary([1, height, width, channels], x),
      reduced = c.temporary([1, 1, 1, channels], result(op));
    c.emit({ op: 'reshape', inputs: [c.name(x)], output: image });
    c.emit({ ...make([height, width]), inputs: [image], output: reduced } as never);
    c.emit({ op: 'reshape', inputs: [reduced], output: c.name(result(op)) });
  };
