/**
 * ReLU and its kin on their own, from ONNX. Optimization fuses them into the operator before, as its clamp.
 */
import type { Activation } from '../graph';
import { need, scalar, type OnnxContext } from '../import/onnx/context';
import { emitAlike } from '../import/onnx/order';
import { between } from './expression';
import { emitExpression } from './lookup';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    activation: { activation: Activation };
  }
}

function emit(c: OnnxContext, activation: Activation): void {
  const x = c.value(0);
  emitAlike(c, x, { op: 'activation', inputs: [x.tensor], activation });
}

function clip(c: OnnxContext): void {
  const low = scalar(c, 1, 'min', -Infinity),
    high = scalar(c, 2, 'max', Infinity);
  if (low === 0 && high === 6) return emit(c, 'relu6');
  if (low === 0 && high > 3e38) return emit(c, 'relu');
  if (low === -1 && high === 1) return emit(c, 'reluN1To1');
  need(low <= high, `it clips to ${low}..${high}`);
  emitExpression(c, c.value(0), between('x', low, high));
}

export const activation = define({
  kind: 'activation',
  device: [],
  onnx: { Relu: (c) => emit(c, 'relu'), Clip: clip },
  scale: () => 'own',
});
