/** The golden test of a file: what the device's own code computes here, so that a device can compare. */
import { fileChecksum } from '../../src/checksum';
import { Header, Operator } from '../../src/format';
import { load, runTraced, writeGoldenInput } from '../../src/model';
import type { Serialized } from './serialize';
import type { Writer } from './writer';

function seal(writer: Writer): Uint8Array<ArrayBuffer> {
  const words = new Int32Array(writer.finish().buffer);
  writer.patch(Header.checksum * 4, fileChecksum(words, Header.checksum + 1, words.length));
  return writer.finish();
}

/**
 * Runs the golden input once, writes every operator's CRC into its record, and seals the file with its
 * checksum.
 */
export function withGolden({ writer, records }: Serialized): Uint8Array<ArrayBuffer> {
  const model = load(seal(writer).buffer);
  writeGoldenInput(model);
  runTraced(model, (i, crc) => writer.patch(records[i] + Operator.golden * 4, crc));
  return seal(writer);
}
