/** Changes of shapes and windows that belong together, so that deeper checks are reached. */
import { Operator, Tensor } from '../../src/format';
import { operators } from '../../src/operators';
import { Pool2d } from '../../src/operators/pool2d';
import { Requantization } from '../../src/operators/requantize';
import { Window } from '../../src/operators/window';
import type { Random } from '../support/random';
import { anyOperator, operatorRecords, reshape, shapeAt, tensorAt, tensorRecords, type Draft } from './draft';

/** Another shape, of as many elements or of about as many. */
function otherShape(random: Random, shape: number[]): number[] {
  const other = [...shape],
    i = random.below(shape.length),
    k = random.below(shape.length);
  switch (random.below(7)) {
    case 0:
      [other[i], other[k]] = [other[k], other[i]];
      return other;
    case 1:
      return [shape.reduce((a, b) => a * b, 1)];
    case 2:
      return shape.length < 4 ? (random.below(2) ? [1, ...shape] : [...shape, 1]) : shape.slice(1);
    case 3:
      other[i] = random.pick([1, 2, 3, 7, 8, 9, 16, 17, 31, 32, 33, 255, 256, 257]);
      return other;
    case 4:
      for (let d = 2; d <= 7; d++)
        if (other[i] % d === 0 && i !== k) {
          other[i] /= d;
          other[k] *= d;
          break;
        }
      return other;
    case 5:
      other[i] = random.pick([other[i] * 2, other[i] * 3, 1 << random.below(20)]);
      return other;
    default:
      other[i] = Math.max(1, other[i] + random.pick([1, -1, 2, 8]));
      return other;
  }
}

export function tensorShape(random: Random, draft: Draft): void {
  const tensors = tensorRecords(draft);
  if (!tensors.length) return;
  const tensor = random.pick(tensors);
  reshape(draft, tensor, otherShape(random, shapeAt(draft, tensor)), random.below(3) > 0);
}

/** All tensors of an operator become larger or smaller together. */
export function operatorShapes(random: Random, draft: Draft): void {
  const operator = anyOperator(random, draft);
  if (!operator) return;
  const { words } = draft,
    indices = [Operator.input, Operator.input2, Operator.output].map((field) => words[operator.at + field]),
    tensors = indices.map((index) => tensorAt(draft, index)).filter((at) => at !== undefined);
  if (!tensors.length) return;
  const shape = shapeAt(draft, tensors[0]),
    other = otherShape(random, shape);
  for (const tensor of tensors)
    if (shapeAt(draft, tensor).join() === shape.join()) reshape(draft, tensor, other, false);
}

/** Where records hold a window: convolutions behind what requantizes their sums. */
const WINDOWS: Record<string, number> = {
  conv2d: Requantization.words,
  depthwiseConv2d: Requantization.words,
  sparseConv2d: Requantization.words,
  maxPool2d: Pool2d.window,
  averagePool2d: Pool2d.window,
};

/** Other sizes, strides and padding of a window, and an output as large as they make it, or a little off. */
export function window(random: Random, draft: Draft): void {
  const { words } = draft,
    sliding = operatorRecords(draft).filter(
      ({ at }) => operators[words[at + Operator.code]]?.name in WINDOWS,
    );
  if (!sliding.length) return;
  const { at } = random.pick(sliding),
    w = at + WINDOWS[operators[words[at + Operator.code]].name],
    input = tensorAt(draft, words[at + Operator.input]),
    output = tensorAt(draft, words[at + Operator.output]);
  if (w + Window.words > words.length || input === undefined || output === undefined) return;
  for (let n = random.between(1, 4); n > 0; n--) {
    const field = random.below(Window.words),
      least = field < Window.padTop ? 1 : 0;
    words[w + field] = random.below(12) ? random.between(least, least + 4) : random.pick([31, 255, 32767]);
  }
  const shape = shapeAt(draft, output);
  for (const axis of [0, 1]) {
    const pads = words[w + Window.padTop + axis] + words[w + Window.padBottom + axis],
      reach = (words[w + Window.kernelY + axis] - 1) * words[w + Window.dilationY + axis] + 1,
      room = words[input + Tensor.shape + 1 + axis] + pads - reach,
      size = Math.floor(room / words[w + Window.strideY + axis]) + 1 + random.pick([0, 0, 0, 0, 1, -1]);
    shape[1 + axis] = Math.max(1, Math.min(1 << 20, size)) || 1;
  }
  reshape(draft, output, shape.slice(0, 4), random.below(2) > 0);
  const strip = w + Window.words + random.below(6); // one of them may be how many rows a strip has
  if (random.below(3) === 0 && strip < words.length) words[strip] = random.between(0, shape[1]);
}
