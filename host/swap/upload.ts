/** Uploads: a model behind a header that is signed, as src/store/upload.ts takes it. */
import { FlintError } from '../../src/error';
import { hmac, type Digest } from '../../src/store/hmac';
import { Upload, UPLOAD_HEADER, UPLOAD_MAGIC, UPLOAD_VERSION } from '../../src/store/upload';

/** The greatest number of a model: 32 bits. */
const MOST = 2 ** 32 - 1;

/** The number of a model that is signed now: seconds since 1970, so that each is newer than those before. */
export const numberNow = (): number => Math.floor(Date.now() / 1000);

/** @throws FlintError when it is no number of a model */
export function checkNumber(number: number): void {
  if (!Number.isInteger(number) || number < 0 || number > MOST)
    throw new FlintError(`a model's number is a whole one from 0 to ${MOST}, not ${number}`);
}

/**
 * The model as an upload.
 * @param key that the app was built with
 * @param number of the model: greater than those that the device has had
 */
export function signed(
  file: Uint8Array<ArrayBuffer>,
  key: string,
  number: number,
  sha256: Digest,
): Uint8Array<ArrayBuffer> {
  checkNumber(number);
  const upload = new Uint8Array(UPLOAD_HEADER + file.length),
    words = new Int32Array(upload.buffer, 0, Upload.words);
  words[Upload.magic] = UPLOAD_MAGIC;
  words[Upload.version] = UPLOAD_VERSION;
  words[Upload.number] = number;
  words[Upload.bytes] = file.length;
  sha256.reset();
  sha256.write(file.slice().buffer);
  upload.set(new Uint8Array(sha256.close()), Upload.sha256 * 4);
  upload.set(new Uint8Array(hmac(sha256, key, upload.buffer.slice(0, Upload.hmac * 4))), Upload.hmac * 4);
  upload.set(file, UPLOAD_HEADER);
  return upload;
}
