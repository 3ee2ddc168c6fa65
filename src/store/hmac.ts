/** HMAC-SHA256 (RFC 2104), over whatever computes SHA-256. */
import { FlintError } from '../model';

/** SHA-256 as Moddable's `Digest` of the module `crypt` computes it. */
export interface Digest {
  reset(): void;
  write(data: ArrayBuffer): void;
  close(): ArrayBuffer;
}

export const DIGEST_BYTES = 32;
/** Bytes that SHA-256 takes at a time. */
const BLOCK_BYTES = 64;
/** 128 bits of chance as hexadecimal digits are so many. */
const LEAST_KEY = 32;

/** What is wrong with a key; empty when nothing is. */
export function keyProblem(key: unknown): string {
  if (typeof key !== 'string') return 'there is no key';
  if (!/^[!-~]*$/.test(key)) return 'the key should be made of printable ASCII characters, without spaces';
  if (key.length < LEAST_KEY)
    return `the key has ${key.length} characters, ${LEAST_KEY} and more are needed: anyone could guess it`;
  return '';
}

/** The key's bytes, one block of them, each xored with `pad`. */
function padded(digest: Digest, key: string, pad: number): ArrayBuffer {
  let bytes = new Uint8Array(key.length);
  for (let i = 0; i < key.length; i++) bytes[i] = key.charCodeAt(i);
  if (bytes.length > BLOCK_BYTES) {
    digest.reset();
    digest.write(bytes.buffer);
    bytes = new Uint8Array(digest.close());
  }
  const block = new Uint8Array(BLOCK_BYTES);
  for (let i = 0; i < BLOCK_BYTES; i++) block[i] = (i < bytes.length ? bytes[i] : 0) ^ pad;
  return block.buffer;
}

/** @throws FlintError when the key is none */
export function hmac(digest: Digest, key: string, message: ArrayBuffer): ArrayBuffer {
  const problem = keyProblem(key);
  if (problem) throw new FlintError(problem);
  const inner = padded(digest, key, 0x36),
    outer = padded(digest, key, 0x5c);
  digest.reset();
  digest.write(inner);
  digest.write(message);
  const hash = digest.close();
  digest.reset();
  digest.write(outer);
  digest.write(hash);
  return digest.close();
}

/** Whether two digests are equal, in a time that does not tell where they differ. */
export function sameDigest(a: Uint8Array, b: Uint8Array): boolean {
  let difference = (a.length ^ DIGEST_BYTES) | (b.length ^ DIGEST_BYTES);
  for (let i = 0; i < DIGEST_BYTES; i++) difference |= a[i] ^ b[i];
  return difference === 0;
}
