/// <reference types="node" />
/** Layers on all cores. */
import { availableParallelism } from 'node:os';
import type { FloatParameters, Layer } from '../graph';
import { tapsOf } from '../graph';
import { threadPool } from '../system/threads';
import type { LayerWork } from './worker';

/** Runs one piece of work on a layer on a thread; what the work is called stands in worker.ts. */
export const onLayerThread = threadPool<LayerWork>(new URL('./worker.js', import.meta.url));

/** Weights from which on a layer is worth several threads. */
const MANY_WEIGHTS = 16384;

/**
 * Some output channels of a layer; what belongs to them begins at `channel`, what belongs to their weights at
 * `weight`.
 */
export interface LayerPart {
  node: Layer<FloatParameters>;
  channel: number;
  weight: number;
}

/**
 * A large layer as several with some of its output channels each; smaller ones, and depthwise ones, whose
 * moments belong to the channels of the whole, as they are.
 */
export function partsOf(node: Layer<FloatParameters>): LayerPart[] {
  const { weights, bias, scales } = node.parameters,
    channels = bias.length,
    taps = tapsOf(node.parameters);
  const alone = node.op === 'depthwiseConv2d' || weights.length < MANY_WEIGHTS;
  const count = alone ? 1 : Math.min(channels, availableParallelism());
  return Array.from({ length: count }, (_, i) => {
    const from = Math.floor((channels * i) / count),
      to = Math.floor((channels * (i + 1)) / count);
    const own = {
      weights: weights.slice(from * taps, to * taps),
      bias: bias.slice(from, to),
      ...(scales && { scales: scales.length > 1 ? scales.slice(from, to) : scales }),
    };
    return { node: { ...node, parameters: own }, channel: from, weight: from * taps };
  });
}
