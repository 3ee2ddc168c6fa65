import type { FloatGraph } from '../graph';
import { dropUnused } from './drop-unused';
import { foldAffine } from './fold-affine';
import { foldPad } from './fold-pad';
import { fuseActivation } from './fuse-activation';

/** All passes, in the order that lets each find what the one before it made. */
export function optimize(graph: FloatGraph): FloatGraph {
  return dropUnused(fuseActivation(foldPad(foldAffine(graph))));
}
