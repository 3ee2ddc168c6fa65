/** Work on single layers, for threads that know no ONNX Runtime. */
import { worker } from '../system/worker';
import { refitted } from './refit';
import { corrected, costsOf } from './removal';
import { cutChannels } from './surgery';
import { momentsOver, targetOver } from './statistics';
import { quantizeWeights } from './weights';

const work = {
  round: quantizeWeights,
  costs: costsOf,
  correct: corrected,
  channels: cutChannels,
  refit: refitted,
  moments: momentsOver,
  target: targetOver,
};
export type LayerWork = typeof work;

export default worker(work);
