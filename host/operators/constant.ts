/**
 * A constant that an operator reads as it would an activation. Importers make it; no format has an operator
 * for it.
 */
import { Constant } from '../../src/operators/constant';
import { define } from './operator';

declare module '../graph' {
  interface NodeKinds<P> {
    /** No inputs; real values before quantization. */
    constant: { data: P extends IntParameters ? Int8Array : Float32Array };
  }
}

export const constant = define({
  kind: 'constant',
  device: ['constant'],
  scale: () => 'own',
  lower: (node) => ({ operator: 'constant', fields: [[Constant.data, node.data]] }),
});
