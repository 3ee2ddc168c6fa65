import { Operator, Tensor } from '../format';
import { tensorRecord, type Model } from '../state';
import { MANY_REGISTERS } from './compiled';
import { bytes, inFile, lastDimension, type Checked, type DeviceOperator } from './operator';
import { Requantization, checkRequantization, requantize } from './requantize';
import { checkZeroPoints, isWidth } from './weights';

/** Outputs in a group of fully connected weights. */
export const FC_GROUP = 16;

/**
 * Weights: outputs in groups of FC_GROUP, the rest in groups of four (the last one filled up with zeros); in
 * a group, [input][output]. The bias is the layer's own: the input's zero point is taken from the inputs, so
 * that those equal to it can be skipped.
 */
export const enum FullyConnected {
  weights = Requantization.words, // offset, int8
  inputs, // per row
  // of a weight in a group of FC_GROUP: 8, 4 or 2; narrow ones lie side by side, the first in the lowest bits
  bits,
  zeroPoints, // as in Conv2d, of groups of FC_GROUP
  words,
}

/** What is wrong with the shapes of a layer that takes rows of `inputs` values. */
export function checkDenseShapes(c: Checked, inputs: number): string {
  const size = bytes(c, c.input);
  const fits =
    inputs > 0 &&
    size % inputs === 0 &&
    ((size / inputs) | 0) * lastDimension(c, c.output) === bytes(c, c.output);
  return fits ? '' : 'its input, output and weights do not belong together';
}

function check(c: Checked): string {
  const { words, at } = c;
  const inputs = words[at + FullyConnected.inputs],
    outputs = lastDimension(c, c.output),
    bits = words[at + FullyConnected.bits];
  const wrong = checkRequantization(c, inputs) || checkDenseShapes(c, inputs);
  if (wrong) return wrong;
  if (!isWidth(bits)) return `it has weights of ${bits} bits`;
  const grouped = outputs - (outputs % FC_GROUP),
    rest = (outputs - grouped + 3) & ~3;
  // The last four biases are read at once, though there may be fewer outputs.
  if (!inFile(c, Requantization.bias, (grouped + rest) * 4))
    return 'its biases or multipliers lie outside the file';
  if (!inFile(c, FullyConnected.weights, ((grouped >> 3) * bits + rest) * inputs))
    return 'its weights lie outside the file';
  return checkZeroPoints(c, FullyConnected.zeroPoints);
}

/**
 * Fully connected layer, int8: y[o] = sum over i of (x[i] - inputZeroPoint) * w[o][i]. Input rows (all
 * dimensions but the last) are independent.
 *
 * Sixteen outputs a step, whose sums are locals: one read of an input and four of weight words make 16
 * multiply-adds, and an input at its zero point, as behind a ReLU most are, makes none.
 *
 * @param at word index of the operator's record
 */
function run(model: Model, at: number): void {
  const { words, bytes, arena, sums } = model;
  const input = tensorRecord(words, words[at + Operator.input]),
    output = tensorRecord(words, words[at + Operator.output]);
  const outputs = words[output + Tensor.shape + words[output + Tensor.rank] - 1],
    inputs = words[at + FullyConnected.inputs],
    bits = words[at + FullyConnected.bits];
  const zeroPoints = words[at + FullyConnected.zeroPoints],
    inputZeroPoint = words[input + Tensor.zeroPoint];
  const begin = words[input + Tensor.address],
    end = begin + words[input + Tensor.bytes];
  for (
    let row = begin, address = words[output + Tensor.address];
    row < end;
    row += inputs, address += outputs
  ) {
    let next = words[at + FullyConnected.weights] >> 2,
      o = 0,
      total = 0;
    if (zeroPoints) for (let i = row; i < row + inputs; i++) total += arena[i] - inputZeroPoint;
    for (; o + FC_GROUP <= outputs; o += FC_GROUP, next += (inputs * bits) >> 1) {
      sumSixteen(model, at, row, o, next);
      if (zeroPoints) for (let k = 0; k < FC_GROUP; k++) sums[k] -= bytes[zeroPoints + o + k] * total;
      requantize(model, at, o, FC_GROUP, 1, 1, address + o, 0);
    }
    for (; o < outputs; o += 4, next += inputs) {
      const count = outputs - o < 4 ? outputs - o : 4;
      sumFour(model, at, row, o, next);
      requantize(model, at, o, count, 1, 1, address + o, 0);
    }
  }
}

/** Sums of outputs o to o + 15 for one row of inputs, into model.sums. */
function sumSixteen(model: Model, at: number, row: number, o: number, next: number): void {
  const { words, bytes, arena, sums } = model,
    b = (words[at + Requantization.bias] >> 2) + o,
    end = row + words[at + FullyConnected.inputs],
    bits = words[at + FullyConnected.bits];
  const zeroPoint = words[tensorRecord(words, words[at + Operator.input]) + Tensor.zeroPoint];
  let s0 = words[b],
    s1 = words[b + 1],
    s2 = words[b + 2],
    s3 = words[b + 3];
  let s4 = words[b + 4],
    s5 = words[b + 5],
    s6 = words[b + 6],
    s7 = words[b + 7];
  let s8 = words[b + 8],
    s9 = words[b + 9],
    s10 = words[b + 10],
    s11 = words[b + 11];
  let s12 = words[b + 12],
    s13 = words[b + 13],
    s14 = words[b + 14],
    s15 = words[b + 15];
  // prettier-ignore
  if (MANY_REGISTERS && bits === 8) {
    for (let i = row, p = next << 2; i < end; i++, p += 16) {
      const d = arena[i] - zeroPoint;
      if (d) {
        s0 += d * bytes[p], s1 += d * bytes[p + 1], s2 += d * bytes[p + 2], s3 += d * bytes[p + 3];
        s4 += d * bytes[p + 4], s5 += d * bytes[p + 5], s6 += d * bytes[p + 6], s7 += d * bytes[p + 7];
        s8 += d * bytes[p + 8], s9 += d * bytes[p + 9], s10 += d * bytes[p + 10], s11 += d * bytes[p + 11];
        s12 += d * bytes[p + 12], s13 += d * bytes[p + 13], s14 += d * bytes[p + 14], s15 += d * bytes[p + 15];
      }
    }
  } else if (bits === 8) {
    for (let i = row; i < end; i++, next += 4) {
      const d = arena[i] - zeroPoint;
      if (d) {
        let w = words[next];
        s0 += d * ((w << 24) >> 24), s1 += d * ((w << 16) >> 24),
          s2 += d * ((w << 8) >> 24), s3 += d * (w >> 24);
        w = words[next + 1];
        s4 += d * ((w << 24) >> 24), s5 += d * ((w << 16) >> 24),
          s6 += d * ((w << 8) >> 24), s7 += d * (w >> 24);
        w = words[next + 2];
        s8 += d * ((w << 24) >> 24), s9 += d * ((w << 16) >> 24),
          s10 += d * ((w << 8) >> 24), s11 += d * (w >> 24);
        w = words[next + 3];
        s12 += d * ((w << 24) >> 24), s13 += d * ((w << 16) >> 24),
          s14 += d * ((w << 8) >> 24), s15 += d * (w >> 24);
      }
    }
  } else if (bits === 4) {
    for (let i = row; i < end; i++, next += 2) {
      const d = arena[i] - zeroPoint;
      if (d) {
        let w = words[next];
        s0 += d * ((w << 28) >> 28), s1 += d * ((w << 24) >> 28),
          s2 += d * ((w << 20) >> 28), s3 += d * ((w << 16) >> 28);
        s4 += d * ((w << 12) >> 28), s5 += d * ((w << 8) >> 28),
          s6 += d * ((w << 4) >> 28), s7 += d * (w >> 28);
        w = words[next + 1];
        s8 += d * ((w << 28) >> 28), s9 += d * ((w << 24) >> 28),
          s10 += d * ((w << 20) >> 28), s11 += d * ((w << 16) >> 28);
        s12 += d * ((w << 12) >> 28), s13 += d * ((w << 8) >> 28),
          s14 += d * ((w << 4) >> 28), s15 += d * (w >> 28);
      }
    }
  } else {
    for (let i = row; i < end; i++, next += 1) {
      const d = arena[i] - zeroPoint;
      if (d) {
        const w = words[next];
        s0 += d * ((w << 30) >> 30), s1 += d * ((w << 28) >> 30),
          s2 += d * ((w << 26) >> 30), s3 += d * ((w << 24) >> 30);
        s4 += d * ((w << 22) >> 30), s5 += d * ((w << 20) >> 30),
          s6 += d * ((w << 18) >> 30), s7 += d * ((w << 16) >> 30);
        s8 += d * ((w << 14) >> 30), s9 += d * ((w << 12) >> 30),
          s10 += d * ((w << 10) >> 30), s11 += d * ((w << 8) >> 30);
        s12 += d * ((w << 6) >> 30), s13 += d * ((w << 4) >> 30),
          s14 += d * ((w << 2) >> 30), s15 += d * (w >> 30);
      }
    }
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
  sums[4] = s4;
  sums[5] = s5;
  sums[6] = s6;
  sums[7] = s7;
  sums[8] = s8;
  sums[9] = s9;
  sums[10] = s10;
  sums[11] = s11;
  sums[12] = s12;
  sums[13] = s13;
  sums[14] = s14;
  sums[15] = s15;
}

/** The same for up to four outputs; words past the last bias are read and not used. */
function sumFour(model: Model, at: number, row: number, o: number, next: number): void {
  const { words, arena, sums } = model,
    b = (words[at + Requantization.bias] >> 2) + o,
    end = row + words[at + FullyConnected.inputs];
  const zeroPoint = words[tensorRecord(words, words[at + Operator.input]) + Tensor.zeroPoint];
  let s0 = words[b],
    s1 = words[b + 1],
    s2 = words[b + 2],
    s3 = words[b + 3];
  for (let i = row; i < end; i++, next++) {
    const d = arena[i] - zeroPoint;
    if (d) {
      const w = words[next];
      s0 += d * ((w << 24) >> 24);
      s1 += d * ((w << 16) >> 24);
      s2 += d * ((w << 8) >> 24);
      s3 += d * (w >> 24);
    }
  }
  sums[0] = s0;
  sums[1] = s1;
  sums[2] = s2;
  sums[3] = s3;
}

export const fullyConnected: DeviceOperator = Object.freeze({
  name: 'fullyConnected',
  words: FullyConnected.words,
  operands: 1,
  check,
  work: (c: Checked) => bytes(c, c.output) * c.words[c.at + FullyConnected.inputs],
  sums: () => FC_GROUP,
  run,
});
