import type { FloatGraph } from '../graph';
import { dropUnused } from './drop-unused';
import { affineAlone, foldAffine } from './fold-affine';
import { foldPad } from './fold-pad';
import { activationAlone, fuseActivation } from './fuse-activation';
import { fusePointwise } from './fuse-pointwise';

/**
 * All passes, in the order that lets each find what the one before it made.
 * @param quantized whether the model brings scales of its own: then every operator rounds as it says, and
 * none becomes part of a table
 */
export function optimize(graph: FloatGraph, quantized = false): FloatGraph {
  const folded = fuseActivation(foldPad(foldAffine(graph))),
    fused = quantized ? folded : fusePointwise(folded);
  return dropUnused(activationAlone(fuseActivation(affineAlone(fused))));
}
