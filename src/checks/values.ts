/** Checks of operators that work value by value, and of pooling and softmax. */
import { Add, Lookup, Multiply, Pool2d, Prelu, Softmax, Window } from '../format';
import { bytes, canScale, clampIsInt8, dimension, inFile, sameQuantization, secondOperand, type Checked } from './common';
import { checkWindow } from './layers';

export function checkPool2d(c: Checked): string {
  const { words, at, input, output } = c, w = at + Pool2d.window, wrong = checkWindow(c, Pool2d.window);
  if (wrong) return wrong;
  if (words[w + Window.dilationY] !== 1 || words[w + Window.dilationX] !== 1) return 'dilated pooling';
  for (let axis = 0; axis < 2; axis++) {
    // Every window must hold at least one tap that is not padding.
    const last = (dimension(c, output, 1 + axis) - 1) * words[w + Window.strideY + axis] - words[w + Window.padTop + axis];
    if (words[w + Window.padTop + axis] >= words[w + Window.kernelY + axis] || last >= dimension(c, input, 1 + axis)) return 'a window that holds only padding';
  }
  if (dimension(c, input, 3) !== dimension(c, output, 3)) return 'its channels do not belong together';
  if (!sameQuantization(c, input, output)) return 'its output has another scale than its input';
  return clampIsInt8(c, Pool2d.minimum) ? '' : 'its clamp is no int8 range';
}

export function checkAdd(c: Checked): string {
  if (bytes(c, c.input) !== bytes(c, c.output)) return 'its operands differ in size';
  if (!secondOperand(c)) return 'its second input is not there or does not fit';
  for (const sign of [Add.firstSign, Add.secondSign]) if (Math.abs(c.words[c.at + sign]) !== 1) return 'a sign that is neither 1 nor -1';
  // Operands arrive shifted left by 20 bits, so that only factors up to one are exact.
  if (!canScale(c, Add.firstMultiplier, 0) || !canScale(c, Add.secondMultiplier, 0) || !canScale(c, Add.resultMultiplier)) return 'it cannot be requantized';
  return clampIsInt8(c, Add.minimum) ? '' : 'its clamp is no int8 range';
}

export function checkMultiply(c: Checked): string {
  if (bytes(c, c.input) !== bytes(c, c.output)) return 'its operands differ in size';
  if (!secondOperand(c)) return 'its second input is not there or does not fit';
  if (!canScale(c, Multiply.multiplier)) return 'it cannot be requantized';
  return clampIsInt8(c, Multiply.minimum) ? '' : 'its clamp is no int8 range';
}

export function checkPrelu(c: Checked): string {
  if (bytes(c, c.input) !== bytes(c, c.output)) return 'its operands differ in size';
  if (!secondOperand(c)) return 'its second input is not there or does not fit';
  return canScale(c, Prelu.positiveMultiplier) && canScale(c, Prelu.negativeMultiplier) ? '' : 'it cannot be requantized';
}

export function checkLookup(c: Checked): string {
  if (bytes(c, c.input) !== bytes(c, c.output)) return 'its input and output differ in size';
  return inFile(c, Lookup.table, 256) ? '' : 'its table lies outside the file';
}

export function checkSoftmax(c: Checked): string {
  const { words, at } = c, rows = words[at + Softmax.rows], shift = words[at + Softmax.shift];
  if (bytes(c, c.input) !== bytes(c, c.output) || rows < 1 || bytes(c, c.output) % rows) return 'its shapes do not match';
  if (bytes(c, c.output) / rows > 4095) return 'more than 4095 classes, whose sum could overflow';
  const reach = -words[at + Softmax.minimumDifference]; // reach * 2^shift must stay below 2^31
  if (words[at + Softmax.multiplier] < 0 || shift < 0 || shift > 31 || reach < 0 || reach * 2 ** shift > 31 * 2 ** 26) return 'its scale is out of range';
  return '';
}
