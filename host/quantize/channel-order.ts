import type { FloatGraph, FloatParameters, Node } from '../graph';

/**
 * Whether an operator reads a layer's channels as the layer gives them, one after the other: a Reshape in
 * between may have mixed them with pixels. A fully connected layer may read them repeated, as a flattened
 * image has them.
 */
export function readsChannels(
  { tensors }: FloatGraph,
  reader: Node<FloatParameters>,
  tensor: string,
  channels: number,
): boolean {
  const last = tensors.get(tensor)!.shape.at(-1)!;
  if (reader.op === 'reshape') return true;
  return reader.op === 'fullyConnected' ? last % channels === 0 : last === channels;
}
