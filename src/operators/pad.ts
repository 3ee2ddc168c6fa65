import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { dimension4, rank, sameQuantization, type Checked, type DeviceOperator } from './operator';

export const enum Pad {
  before = Operator.words, // four words: elements added before each dimension of the output, taken as NHWC
  after = before + 4,
  value = after + 4, // the int8 that fills
  words,
}

function check(c: Checked): string {
  const { words, at, input, output } = c;
  if (rank(c, input) !== rank(c, output)) return 'its input and output differ in rank';
  if (!sameQuantization(c, input, output)) return 'its output has another scale than its input';
  for (let i = 0; i < 4; i++) {
    const before = words[at + Pad.before + i],
      after = words[at + Pad.after + i];
    if (before < 0 || after < 0) return 'it pads by a negative number of elements';
    if (dimension4(words, input, i) + before + after !== dimension4(words, output, i))
      return 'its shapes do not match its padding';
  }
  return words[at + Pad.value] >= -128 && words[at + Pad.value] <= 127
    ? ''
    : 'the value it pads with is no int8';
}

/**
 * A tensor with a border of one value around it. Shapes are taken as NHWC, missing outer dimensions being 1.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, arena } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const line = dimension4(words, input, 3),
    lineOut = dimension4(words, output, 3);
  const width = dimension4(words, input, 2),
    widthOut = dimension4(words, output, 2);
  const height = dimension4(words, input, 1),
    heightOut = dimension4(words, output, 1);
  const batch = dimension4(words, input, 0),
    before = at + Pad.before;
  const address = words[output + Tensor.address];
  arena.fill(words[at + Pad.value], address, address + words[output + Tensor.bytes]);
  for (let n = 0, p = words[input + Tensor.address]; n < batch; n++)
    for (let y = 0; y < height; y++) {
      const row = (n + words[before]) * heightOut + y + words[before + 1];
      let q = address + (row * widthOut + words[before + 2]) * lineOut + words[before + 3];
      for (let x = 0; x < width; x++, p += line, q += lineOut) arena.copyWithin(q, p, p + line);
    }
}

export const pad: DeviceOperator = Object.freeze({
  name: 'pad',
  words: Pad.words,
  operands: 1,
  check,
  run,
});
