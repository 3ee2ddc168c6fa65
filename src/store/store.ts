/** The module flint/store: where an app finds its model. */
import Resource from 'Resource';
import type { FileBuffer } from '../model';
import { candidatesIn, openFirst, type Candidate, type Found } from './find';
import { OF_MOD, OWN, PARTITION } from './names';
import { openPartition } from './partition';

export type { Found } from './find';

const resource = (name: string, where: string): Candidate[] =>
  Resource.exists(name) ? [{ where, file: () => new Resource(name) }] : [];

/**
 * Finds the app's model: in a mod, then in the partition, the newer slot first, then among the app's own
 * resources. One that cannot be opened is given up for the next.
 * @param open makes of a file what the app runs, and tests it: what it throws gives that model up
 * @param say gets a line about each model that is given up
 * @throws what `open` has thrown of the last model, a FlintError where there is none at all
 */
export function findModel<T>(open: (file: FileBuffer) => T, say: (line: string) => void): Found<T> {
  const partition = openPartition(PARTITION),
    stored = partition ? candidatesIn(partition, PARTITION) : [],
    candidates = resource(OF_MOD, 'a mod').concat(stored, resource(OWN, "the app's own resources"));
  return openFirst(candidates, partition, open, say);
}
