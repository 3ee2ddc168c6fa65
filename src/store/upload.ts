/**
 * A model that comes as a stream, into the slot that is not in use.
 *
 * A header of 80 bytes, 20 words of 32 bits, little-endian, comes before the model. Its HMAC stands over the
 * header, which holds the model's SHA-256, and so over the model: whoever has no key is turned away before
 * anything is erased, and can neither wear the flash out nor take away the model before. The number must be
 * greater than those of the models in the slots, so that an old upload that somebody kept gets in no more.
 */
import { FlintError, type FileBuffer } from '../model';
import { DIGEST_BYTES, hmac, sameDigest, type Digest } from './hmac';
import type { Partition } from './partition';
import {
  clearSlot,
  readSlot,
  RECORD_BYTES,
  slotBegin,
  slotCapacity,
  slotRecord,
  SLOTS,
  storedFile,
  storedModels,
  type StoredModel,
} from './slots';

/** The header's words. */
export const enum Upload {
  magic,
  version,
  number, // of the model; see slots.ts
  bytes, // of the model
  sha256, // of the model
  hmac = sha256 + 8, // HMAC-SHA256 of the words before, with the key that the app was built with
  words = hmac + 8,
}

export const UPLOAD_MAGIC = 0x50554c46; // the bytes "FLUP"
export const UPLOAD_VERSION = 1;
export const UPLOAD_HEADER = Upload.words * 4;

/** Bytes of one write to flash. */
const WRITE_BYTES = 1024;

/** What an upload needs. */
export interface Receiver {
  partition: Partition;
  /** The slot of the model that the app runs, where it lies in one: it stays. */
  inUse?: number;
  key: string;
  sha256: Digest;
  /** Loads and tests the new model in its slot; what it throws refuses it. */
  check(file: FileBuffer): void;
}

/** An upload under way. */
export interface Receiving extends Receiver {
  header: Uint8Array<ArrayBuffer>;
  /** Bytes that have come, the header among them. */
  received: number;
  /** What the header states, once it has come. */
  number: number;
  bytes: number;
  slot: number;
  /** What is to be written next. */
  block: Uint8Array<ArrayBuffer>;
  fill: number;
  /** Bytes of the model that are written. */
  written: number;
  /** Why nothing more is taken. */
  over?: Error;
}

export function beginUpload(receiver: Receiver): Receiving {
  return {
    ...receiver,
    ...{ header: new Uint8Array(UPLOAD_HEADER), received: 0, number: 0, bytes: 0, slot: -1 },
    ...{ block: new Uint8Array(WRITE_BYTES), fill: 0, written: 0 },
  };
}

/**
 * Takes the next bytes of the stream, as many as there are.
 * @throws FlintError when the upload is refused; nothing more is taken then
 */
export function writeUpload(upload: Receiving, chunk: ArrayBuffer): void {
  attempt(upload, () => {
    const bytes = new Uint8Array(chunk),
      ofHeader = Math.min(bytes.length, Math.max(0, UPLOAD_HEADER - upload.received));
    if (ofHeader) {
      upload.header.set(bytes.subarray(0, ofHeader), upload.received);
      upload.received += ofHeader;
      if (upload.received === UPLOAD_HEADER) readHeader(upload);
    }
    upload.received += bytes.length - ofHeader;
    if (upload.received > UPLOAD_HEADER + upload.bytes && upload.slot >= 0)
      throw new FlintError(`the upload is longer than the ${upload.bytes} bytes of model that it states`);
    for (let at = ofHeader; at < bytes.length;) {
      const some = Math.min(bytes.length - at, WRITE_BYTES - upload.fill);
      upload.block.set(bytes.subarray(at, at + some), upload.fill);
      upload.fill += some;
      at += some;
      if (upload.fill === WRITE_BYTES) {
        checkVoid(upload);
        flush(upload);
      }
    }
  });
}

/**
 * Ends the stream: checks the new model, as it is read back from flash, and switches to it. The app restarts
 * then, and finds it.
 * @throws FlintError when it is refused; the model before stays
 */
export function endUpload(upload: Receiving): StoredModel {
  return attempt(upload, () => {
    const { partition, slot, number, bytes, received } = upload,
      whole = UPLOAD_HEADER + bytes;
    if (slot < 0 || received < whole)
      throw new FlintError(
        slot < 0
          ? `the upload is truncated: ${received} of ${UPLOAD_HEADER} bytes of its header came`
          : `the upload is truncated: ${received} of ${whole} bytes came`,
      );
    checkVoid(upload);
    if (upload.fill) flush(upload);
    checkDigest(upload);
    const stored: StoredModel = { slot, number, bytes, tries: 0, proven: false, givenUp: false };
    upload.check(storedFile(partition, stored));
    partition.write(slotBegin(partition, slot), RECORD_BYTES, slotRecord(number, bytes).buffer);
    const marked = readSlot(partition, slot);
    if (marked?.number !== number)
      throw new FlintError(`slot ${slot} cannot be marked: its flash is worn out`);
    upload.over = new FlintError('the upload has ended');
    return marked;
  });
}

/** Whatever goes wrong once ends an upload. */
function attempt<T>(upload: Receiving, work: () => T): T {
  if (upload.over) throw upload.over;
  try {
    return work();
  } catch (error) {
    upload.over = error as Error;
    throw error;
  }
}

/** Nothing of a header is believed before its HMAC is right. Then a slot is made ready. */
function readHeader(upload: Receiving): void {
  const { header, partition } = upload,
    words = new Int32Array(header.buffer),
    signed = header.buffer.slice(0, Upload.hmac * 4);
  if (words[Upload.magic] !== UPLOAD_MAGIC)
    throw new FlintError('this is no upload: make one of the model with flint sign');
  if (words[Upload.version] !== UPLOAD_VERSION)
    throw new FlintError(
      `the upload has version ${words[Upload.version]}, this app takes version ${UPLOAD_VERSION}`,
    );
  if (!sameDigest(new Uint8Array(hmac(upload.sha256, upload.key, signed)), header.subarray(Upload.hmac * 4)))
    throw new FlintError('the upload is not signed with the key of this app');
  upload.number = words[Upload.number] >>> 0;
  upload.bytes = words[Upload.bytes];
  const capacity = slotCapacity(partition);
  if (upload.bytes < 1 || upload.bytes > capacity)
    throw new FlintError(`the model has ${upload.bytes} bytes, a slot of this device takes ${capacity}`);
  const stored = storedModels(partition);
  if (stored.length && upload.number <= stored[0].number)
    throw new FlintError(
      `the upload has number ${upload.number}, model ${stored[0].number} is there already: sign it again`,
    );
  upload.slot = freeSlot(stored, upload.inUse);
  clearSlot(partition, upload.slot);
}

/** The slot that is not in use; where none is, not that of the newest good model. */
function freeSlot(stored: StoredModel[], inUse?: number): number {
  const kept = inUse ?? stored.find(({ givenUp }) => !givenUp)?.slot ?? SLOTS - 1;
  return SLOTS - 1 - kept;
}

/**
 * Of two uploads at once, into the same slot, at most one can have the right digest. Once it is marked, the other
 * may write nothing more.
 */
function checkVoid({ partition, slot }: Receiving): void {
  if (readSlot(partition, slot))
    throw new FlintError(`another upload has got into slot ${slot} meanwhile: send this one again`);
}

/** Writes the block, filled up to whole words with ones. A sector is erased when the first byte gets there. */
function flush(upload: Receiving): void {
  const { partition, block, fill } = upload,
    begin = slotBegin(partition, upload.slot) + RECORD_BYTES + upload.written,
    end = begin + Math.ceil(fill / 4) * 4,
    { blockSize } = partition;
  block.fill(255, fill);
  for (let sector = Math.ceil(begin / blockSize); sector * blockSize < end; sector++) partition.erase(sector);
  partition.write(begin, end - begin, block.buffer);
  upload.written += fill;
  upload.fill = 0;
}

/** Compares the SHA-256 of what lies in flash, read back a block at a time, with the header's. */
function checkDigest({ partition, slot, bytes, sha256, header }: Receiving): void {
  const begin = slotBegin(partition, slot) + RECORD_BYTES;
  sha256.reset();
  for (let at = 0; at < bytes; at += WRITE_BYTES)
    sha256.write(partition.read(begin + at, Math.min(WRITE_BYTES, bytes - at)));
  const expected = header.subarray(Upload.sha256 * 4, Upload.sha256 * 4 + DIGEST_BYTES);
  if (!sameDigest(new Uint8Array(sha256.close()), expected))
    throw new FlintError('the model was changed on its way, or its flash is worn out: its digest is another');
}
