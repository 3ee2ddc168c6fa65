/** Activations that the runtime which calibrates does not know. */
import type { Spelling } from './speller';

/** Newer than the runtime that calibrates. */
export const swish: Spelling = (s, { input: [x] }) => {
  const alpha = s.attribute('alpha') ?? 1;
  if (typeof alpha !== 'number') return false;
  return s.add('Mul', [x, s.add('Sigmoid', [s.add('Mul', [x, s.float(alpha)])])]);
};

/** Newer than the runtime that calibrates. */
export const gelu: Spelling = (s, { input: [x] }) => {
  const half = s.add('Mul', [x, s.float(0.5)]);
  if (s.attribute('approximate') !== 'tanh') {
    const erf = s.add('Erf', [s.add('Div', [x, s.float(Math.SQRT2)])]);
    return s.add('Mul', [half, s.add('Add', [erf, s.float(1)])]);
  }
  const cube = s.add('Mul', [s.add('Mul', [x, x]), x]),
    inner = s.add('Add', [x, s.add('Mul', [cube, s.float(0.044715)])]),
    tanh = s.add('Tanh', [s.add('Mul', [inner, s.float(Math.sqrt(2 / Math.PI))])]);
  return s.add('Mul', [half, s.add('Add', [tanh, s.float(1)])]);
};

/** Some files have it in an opset that did not yet. */
export const hardSwish: Spelling = (s, { input: [x] }) => {
  if (s.opset >= 14) return false;
  const shifted = s.add('Add', [x, s.float(3)]),
    clipped = s.add('Sub', [s.add('Relu', [shifted]), s.add('Relu', [s.add('Sub', [shifted, s.float(6)])])]);
  return s.add('Div', [s.add('Mul', [x, clipped]), s.float(6)]);
};
