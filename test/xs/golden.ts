/**
 * Runs on XS: loads every model there is as a resource, runs its golden input, prints the CRCs of its
 * outputs, a model a line.
 */
import { crc32, hex } from '../../src/checksum';
import { load, selfTest } from '../../src/model';

declare const Resource: { new (name: string): ArrayBuffer; exists(name: string): boolean };

for (let i = 0; Resource.exists(`${i}.flint`); i++) {
  const model = load(new Resource(`${i}.flint`));
  selfTest(model);
  trace(model.outputs.map((output) => hex(crc32(output, 0, output.length))).join(' ') + '\n');
}
