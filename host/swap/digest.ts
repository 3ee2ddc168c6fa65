/// <reference types="node" />
import { createHash } from 'node:crypto';
import type { Digest } from '../../src/store/hmac';

/** Node's SHA-256, as the device's library calls it. */
export function nodeDigest(): Digest {
  let hash = createHash('sha256');
  return {
    reset: () => void (hash = createHash('sha256')),
    write: (data) => void hash.update(new Uint8Array(data)),
    close: () => new Uint8Array(hash.digest()).buffer,
  };
}
