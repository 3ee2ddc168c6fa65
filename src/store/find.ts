/**
 * Which model an app runs: of those that are there the first that can be opened. One that cannot is given up
 * for the next, and the app says so.
 */
import { FlintError, type FileBuffer } from '../model';
import type { Partition } from './partition';
import { MOST_TRIES, setFlag, Slot, storedFile, storedModels, type StoredModel } from './slots';

/** A place where a model is. */
export interface Candidate {
  /** For people. */
  where: string;
  file(): FileBuffer;
  /** Of a model in a slot. */
  stored?: StoredModel;
}

/** The model that was opened. */
export interface Found<T> {
  /** What `open` gave. */
  model: T;
  /** Where it lies, for people. */
  where: string;
  /** The slot of the partition that it lies in, which must stay as it is; undefined when it lies elsewhere. */
  slot?: number;
}

/** The models of a partition that were not given up, the newer first. */
export const candidatesIn = (partition: Partition, name: string): Candidate[] =>
  storedModels(partition)
    .filter(({ givenUp }) => !givenUp)
    .map((stored) => ({
      where: `slot ${stored.slot} of partition "${name}" (model ${stored.number})`,
      file: () => storedFile(partition, stored),
      stored,
    }));

/**
 * Opens the first of the candidates that can be opened.
 *
 * A model of a slot that was never proven is opened three times at most. What stops the device so that nothing
 * can be thrown, as want of memory may, or a watchdog, is so given up as well. Flags of slots that cannot be
 * written are no reason to run nothing: that is said.
 * @param open loads and tests a file; what it throws gives the model up
 * @param say gets what happened, a line at a time
 * @throws what `open` has thrown of the last one
 */
export function openFirst<T>(
  candidates: Candidate[],
  partition: Partition | undefined,
  open: (file: FileBuffer) => T,
  say: (line: string) => void,
): Found<T> {
  if (!candidates.length)
    throw new FlintError(
      'there is no model: neither in a mod, nor in a partition, nor among the resources of the app',
    );
  let last: unknown;
  const flag = (stored: StoredModel | undefined, word: number): void => {
    if (!stored || (stored.proven && word === Slot.proven)) return;
    try {
      setFlag(partition!, stored.slot, word);
    } catch (error) {
      say(`the flash of slot ${stored.slot} cannot be written: ${(error as Error).message}`);
    }
  };
  for (const { where, file, stored } of candidates) {
    try {
      if (stored && !stored.proven) {
        if (stored.tries === MOST_TRIES)
          throw new FlintError(`${MOST_TRIES} times the device stopped before its self-test was done`);
        flag(stored, Slot.tried + stored.tries);
      }
      const model = open(file());
      flag(stored, Slot.proven);
      return { model, where, slot: stored?.slot };
    } catch (error) {
      last = error;
      say(`the model in ${where} is given up: ${(error as Error).message}`);
      flag(stored, Slot.givenUp);
    }
  }
  throw last;
}
