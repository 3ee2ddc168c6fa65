/** The whole partition as an image, to be written over a cable. */
import { FlintError } from '../../src/error';
import { RECORD_BYTES, slotCapacity, slotRecord } from '../../src/store/slots';
import { checkNumber } from './upload';

/** Bytes of a sector of flash, on ESP32. */
export const SECTOR = 4096;

/**
 * A partition with the model in the first slot; the other one is empty, so that no newer model stays there.
 * @param bytes of the partition
 * @throws FlintError when a slot does not take the model
 */
export function partitionImage(file: Uint8Array, number: number, bytes: number): Uint8Array<ArrayBuffer> {
  checkNumber(number);
  const capacity = slotCapacity({ byteLength: bytes, blockSize: SECTOR } as never);
  if (file.length > capacity)
    throw new FlintError(
      `the model has ${file.length} bytes; a partition of ${bytes} bytes has two slots of ${capacity}: ` +
        `it should have ${2 * SECTOR * Math.ceil((file.length + RECORD_BYTES) / SECTOR)} or more`,
    );
  const image = new Uint8Array(bytes).fill(255);
  image.set(new Uint8Array(slotRecord(number, file.length).buffer));
  image.set(file, RECORD_BYTES);
  return image;
}
