/**
 * The module flint/receive: takes a new model as a stream. It runs when the app is linked, so that an app that
 * includes it without a key is not built.
 */
import { Digest } from 'crypt';
import config from 'mc/config';
import { FlintError, load, selfTest } from '../model';
import { keyProblem } from './hmac';
import { PARTITION } from './names';
import { openPartition } from './partition';
import { beginUpload, type Receiving } from './upload';

export { endUpload, writeUpload } from './upload';
export type { Receiving } from './upload';

const key = (config as { flintKey?: unknown }).flintKey as string,
  problem = keyProblem(key);
if (problem)
  throw new FlintError(`flint/receive: ${problem}; include the manifest that flint sign --key has made`);

/**
 * Begins an upload into the slot that is not in use.
 *
 * The new model is loaded and tested before the switch: it needs its RAM then, so an app that has none to spare
 * lets go of its own model before endUpload.
 * @param inUse `slot` of what findModel gave
 * @throws FlintError when the board has no partition for models
 */
export function receiveModel(inUse?: number): Receiving {
  const partition = openPartition(PARTITION);
  if (!partition)
    throw new FlintError(`this board has no partition "${PARTITION}": add it to its table of partitions`);
  const sha256 = new Digest('SHA256');
  return beginUpload({ partition, inUse, key, sha256, check: (file) => selfTest(load(file)) });
}
