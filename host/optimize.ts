import type { FloatGraph } from './graph';
import { dropUnused } from './optimize/drop-unused';
import { foldAffine } from './optimize/fold-affine';
import { foldPad } from './optimize/fold-pad';
import { fuseActivation } from './optimize/fuse-activation';

/** All passes, in the order that lets each find what the one before it made. */
export function optimize(graph: FloatGraph): FloatGraph {
  return dropUnused(fuseActivation(foldPad(foldAffine(graph))));
}
