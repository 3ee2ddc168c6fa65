import type { Model } from './model';
import { Header, Tensor } from './format';

/** Word index of the record of tensor `index`. */
export function tensorRecord(model: Model, index: number): number {
  return (model.words[Header.tensors] >> 2) + index * Tensor.words;
}
