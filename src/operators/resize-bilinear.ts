import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import type { Checked, DeviceOperator } from './operator';
import { checkResize } from './resize-nearest';

/** Steps between two neighbouring pixels of the input. */
export const RESIZE_STEPS = 1024;

/** Where in the input each output row and column lies, in RESIZE_STEPS from its first one. */
export const enum ResizeBilinear {
  rows = Operator.words, // offset of a list, one per output row
  columns, // offset of a list, one per output column
  words,
}

const check = (c: Checked): string => checkResize(c, ResizeBilinear.rows, RESIZE_STEPS);

/**
 * An image of another size, each value between its four neighbours. (TensorFlow Lite's
 * ResizeBilinearInteger.)
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const channels = words[input + Tensor.shape + 3],
    pitch = words[input + Tensor.shape + 2] * channels;
  const rows = words[at + ResizeBilinear.rows] >> 2,
    columns = words[at + ResizeBilinear.columns] >> 2;
  const height = words[output + Tensor.shape + 1],
    width = words[output + Tensor.shape + 2];
  for (let y = 0, q = words[output + Tensor.address]; y < height; y++) {
    const below = words[rows + y] & 1023,
      above = RESIZE_STEPS - below,
      row = words[input + Tensor.address] + (words[rows + y] >> 10) * pitch,
      down = below ? pitch : 0; // the last row has none below it
    for (let x = 0; x < width; x++) {
      const right = words[columns + x] & 1023,
        left = RESIZE_STEPS - right,
        across = right ? channels : 0;
      let p = row + (words[columns + x] >> 10) * channels;
      for (const end = p + channels; p < end; p++, q++) {
        // Below 2^27, for the weights' sum is 2^20.
        const v =
          (arena[p] * left + arena[p + across] * right) * above +
          (arena[p + down] * left + arena[p + down + across] * right) * below;
        // Halves away from zero.
        arena[q] = v > 0 ? (v + 524288) >> 20 : -((524288 - v) >> 20);
      }
    }
  }
}

export const resizeBilinear: DeviceOperator = Object.freeze({
  name: 'resizeBilinear',
  words: ResizeBilinear.words,
  operands: 1,
  check,
  run,
});
