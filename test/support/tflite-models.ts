/**
 * Int8 .tflite models of many kinds with random weights, the same on every machine: what the importer must
 * take, byte for byte.
 */
import { Random } from './random';
import { borders } from './tflite-models/borders';
import { networks } from './tflite-models/networks';
import { moves } from './tflite-models/moves';
import { operators } from './tflite-models/operators';
import { Network, product, type Build } from './tflite-network';

export const models: Record<string, Build> = { ...networks, ...operators, ...moves, ...borders };

/**
 * @returns the model's file and its inputs, one random int8 array each (of unary operators: all 256 values)
 */
export function build(title: string): { bytes: Uint8Array; inputs: Int8Array[] } {
  let seed = 7;
  for (const letter of title) seed = (Math.imul(seed, 31) + letter.charCodeAt(0)) | 0;
  const random = new Random(seed || 1),
    n = new Network(random),
    { inputs, outputs } = models[title](n);
  const values = inputs.map((x) => {
    const shape = n.shapes.get(x) ?? [1, 6, 6, 2]; // only the float input has no int8 shape of its own
    return product(shape) === 256
      ? Int8Array.from({ length: 256 }, (_, i) => i - 128)
      : Int8Array.from({ length: product(shape) }, () => random.between(-128, 127));
  });
  return { bytes: n.finish(inputs, outputs), inputs: values };
}
