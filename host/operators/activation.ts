/**
 * ReLU and its kin on their own, from ONNX. Optimization fuses them into the operator before, as its clamp.
 */
import type { Activation } from '../graph';
import { refuse, scalar, type OnnxContext } from '../import/onnx/context';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    activation: { activation: Activation };
  }
}

function emit(c: OnnxContext, activation: Activation): void {
  const x = c.value(0);
  c.emit({ op: 'activation', inputs: [x.tensor], activation }, x.shape, x.flattened);
}

function clip(c: OnnxContext): void {
  const low = scalar(c, 1, 'min', -Infinity),
    high = scalar(c, 2, 'max', Infinity);
  if (low === 0 && high === 6) return emit(c, 'relu6');
  if (low === 0 && high > 3e38) return emit(c, 'relu');
  if (low === -1 && high === 1) return emit(c, 'reluN1To1');
  refuse(`it clips to ${low}..${high}; 0..6 (ReLU6), 0..infinity (ReLU) and -1..1 run`);
}

export const activation = define({
  kind: 'activation',
  device: [],
  onnx: { Relu: (c) => emit(c, 'relu'), Clip: clip },
  scale: () => 'own',
});
