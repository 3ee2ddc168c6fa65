/** A device with two slots for models, of which everything but the board is real. */
import { packGraph } from '../../host/file/pack-graph';
import { signed } from '../../host/swap/upload';
import { FlintError } from '../../src/error';
import { Header, Operator } from '../../src/format';
import { load, selfTest } from '../../src/model';
import { candidatesIn, openFirst, type Candidate, type Found } from '../../src/store/find';
import type { Digest } from '../../src/store/hmac';
import { beginUpload, endUpload, writeUpload, type Receiver, type Receiving } from '../../src/store/upload';
import { altered } from './damage';
import { layerParameters, network } from './network';
import type { NorFlash } from './nor-flash';
import { Random } from './random';

export const KEY = '0123456789abcdef0123456789abcdef';

/**
 * A digest of 32 bytes that any change changes, for machines without SHA-256: FNV-1a, and nothing that keeps
 * a secret.
 */
export function plainDigest(): Digest {
  let sum = 0,
    length = 0;
  return {
    reset: () => void ((sum = -2128831035), (length = 0)),
    write: (data) => {
      const bytes = new Uint8Array(data);
      for (let i = 0; i < bytes.length; i++) sum = Math.imul(sum ^ bytes[i], 16777619);
      length += bytes.length;
    },
    close: () => Int32Array.from({ length: 8 }, (_, i) => Math.imul(sum, 2 * i + 1) ^ length).buffer,
  };
}

/** A model of one layer. @param seed of its weights @param inputs more of them make it larger */
export function model(seed: number, inputs = 40): Uint8Array<ArrayBuffer> {
  const quantization = { scale: 0.5, zeroPoint: 0 },
    layer = { op: 'fullyConnected', name: `layer ${seed}`, activation: 'none' } as const;
  const parameters = layerParameters(new Random(seed), inputs * 4, 4),
    tensors = { x: { shape: [1, inputs], quantization }, y: { shape: [1, 4], quantization } };
  return packGraph(network({ ...layer, inputs: ['x'], output: 'y', parameters }, tensors)).file;
}

/** The same, so changed that its self-test fails: everything else is right. */
export function failing(file: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  const words = new Int32Array(file.buffer),
    record = words[words[Header.operators] >> 2] >> 2;
  return new Uint8Array(altered(file, record + Operator.golden, ~words[record + Operator.golden]));
}

/** What tells one model from another. */
const nameOf = (file: ArrayBuffer): number => new Int32Array(file)[Header.checksum];

/** How an app opens a model: loads and tests it. */
const open = (file: unknown): number => {
  selfTest(load(file as ArrayBuffer));
  return nameOf(file as ArrayBuffer);
};

export class Device {
  said: string[] = [];
  /** What the last start has found. */
  found?: Found<number>;

  constructor(
    readonly flash: NorFlash,
    private readonly own: Uint8Array<ArrayBuffer>,
  ) {}

  /** The app starts, and finds its model. @param opened is called with each that is opened */
  start(opened = open): void {
    this.said = [];
    this.found = undefined;
    const own: Candidate = { where: "the app's own resources", file: () => this.own.buffer };
    const candidates = [...candidatesIn(this.flash, 'flint'), own];
    this.found = openFirst(candidates, this.flash, opened, (line) => void this.said.push(line));
  }

  runs(file: Uint8Array<ArrayBuffer>): boolean {
    return this.found?.model === nameOf(file.buffer);
  }

  /** The app begins to receive a stream. */
  begin(receiver: Partial<Receiver> = {}): Receiving {
    const check = (file: unknown): void => void open(file);
    return beginUpload({
      ...{ partition: this.flash, inUse: this.found?.slot, key: KEY, sha256: plainDigest(), check },
      ...receiver,
    });
  }

  /** The app receives a stream. @param chunk bytes at a time */
  receive(stream: Uint8Array, chunk = 1460, receiver: Partial<Receiver> = {}): void {
    const upload = this.begin(receiver);
    for (let at = 0; at < stream.length; at += chunk)
      writeUpload(upload, stream.slice(at, at + chunk).buffer);
    endUpload(upload);
  }

  /** Why a stream is refused. */
  refuses(stream: Uint8Array, receiver: Partial<Receiver> = {}, chunk = 1460): string {
    try {
      this.receive(stream, chunk, receiver);
    } catch (error) {
      if (error instanceof FlintError) return error.message;
      throw error;
    }
    return '';
  }
}

/** A model as an upload for such a device. */
export const upload = (file: Uint8Array<ArrayBuffer>, number: number, key = KEY): Uint8Array<ArrayBuffer> =>
  signed(file, key, number, plainDigest());
