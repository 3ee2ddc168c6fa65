import type { Graph, Quantization } from '../graph';
import { round } from '../operators/multiplier';

/** The values of a constant as int8. */
export function quantizeConstant(data: Float32Array, { scale, zeroPoint }: Quantization): Int8Array {
  return Int8Array.from(data, (v) => Math.max(-128, Math.min(127, round(v / scale) + zeroPoint)));
}

/** Tensors that hold constants: what they take need not be observed. */
export const constantTensors = ({ nodes }: Graph<unknown>): Set<string> =>
  new Set(nodes.filter((node) => node.op === 'constant').map((node) => node.output));
