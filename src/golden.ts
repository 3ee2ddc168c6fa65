/** The input whose results are in the file, so that a device can test itself. */
import { Golden, Header, Tensor } from './format';
import { tensorRecord, type Model } from './state';

/**
 * Writes the golden input of a model that has one into its inputs.
 *
 * @compiled support
 */
export function writeGolden(model: Model): void {
  const { words, bytes, arena } = model,
    at = words[Header.golden] >> 2,
    stored = words[at + Golden.input] !== 0;
  let p = words[at + Golden.input],
    x = words[at + Golden.seed];
  for (let i = 0; i < words[Header.inputCount]; i++) {
    const tensor = tensorRecord(words, words[(words[Header.inputs] >> 2) + i]),
      end = words[tensor + Tensor.address] + words[tensor + Tensor.bytes];
    for (let q = words[tensor + Tensor.address]; q < end; q++) {
      if (stored) {
        arena[q] = bytes[p];
        p += 1;
      } else {
        x ^= x << 13;
        x ^= x >>> 17;
        x ^= x << 5;
        arena[q] = x;
      }
    }
  }
}
