/**
 * NOR flash as it is: a write clears bits, an erase sets those of a whole sector, and power may be cut in the
 * middle of either.
 */
import type { Partition } from '../../src/store/partition';
import type { Random } from './random';

/** Thrown when power is cut. Nothing works after that until `restart`. */
export class PowerCut extends Error {
  override name = 'PowerCut';
}

/** What was done of the write or erase that power is cut in. */
export const cuts = ['nothing', 'a run of bytes', 'any bits', 'all but a bit', 'all'] as const;
export type Cut = (typeof cuts)[number];

export class NorFlash implements Partition {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Writes and erases so far. */
  steps = 0;
  /** How often each sector was erased. */
  readonly erased: number[];
  private cutAt = Infinity;
  private cut: Cut = 'nothing';
  private off = false;

  constructor(
    readonly byteLength: number,
    readonly blockSize: number,
    private readonly random: Random,
  ) {
    this.bytes = new Uint8Array(byteLength).fill(255);
    this.erased = Array.from({ length: byteLength / blockSize }, () => 0);
  }

  /** Power will be cut at this step, counted from now. */
  cutAfter(steps: number, cut: Cut): void {
    this.cutAt = this.steps + steps;
    this.cut = cut;
  }

  /** Power is back. @returns whether it had been cut */
  restart(): boolean {
    const { off } = this;
    this.off = false;
    this.cutAt = Infinity;
    return off;
  }

  erase(sector: number): void {
    const begin = this.within(sector * this.blockSize, this.blockSize, this.blockSize);
    this.erased[sector]++;
    // Many chips clear all bits of a sector before they set them: what is half erased may be anything.
    this.step(
      begin,
      this.blockSize,
      () => 255,
      () => this.random.below(256),
    );
  }

  write(offset: number, byteLength: number, buffer: ArrayBuffer): void {
    const from = new Uint8Array(buffer, 0, byteLength),
      begin = this.within(offset, byteLength, 4);
    for (let i = 0; i < byteLength; i++)
      if (from[i] & ~this.bytes[begin + i])
        throw new Error(`a write at ${offset + i} would set bits, which only an erase does`);
    const old = this.bytes.slice(begin, begin + byteLength);
    this.step(
      begin,
      byteLength,
      (i) => from[i],
      (i) => from[i] | (old[i] & this.random.below(256)),
    );
  }

  read(offset: number, byteLength: number): ArrayBuffer {
    if (this.off) throw new PowerCut();
    return this.bytes.slice(this.within(offset, byteLength, 1), offset + byteLength).buffer;
  }

  view(begin: number, end: number): ArrayBuffer {
    return this.read(begin, end - begin);
  }

  private within(offset: number, byteLength: number, unit: number): number {
    if (
      offset < 0 ||
      byteLength < 1 ||
      offset % unit ||
      byteLength % unit ||
      offset + byteLength > this.byteLength
    )
      throw new Error(
        `${byteLength} bytes at ${offset}: no place in ${this.byteLength} bytes of units of ${unit}`,
      );
    return offset;
  }

  /** @param done what a byte becomes @param half what it may be when power is cut meanwhile */
  private step(begin: number, count: number, done: (i: number) => number, half: (i: number) => number): void {
    if (this.off) throw new PowerCut();
    const { bytes, cut, random } = this,
      before = bytes.slice(begin, begin + count),
      cutHere = this.steps++ === this.cutAt;
    for (let i = 0; i < count; i++) bytes[begin + i] = done(i);
    if (!cutHere) return;
    const first = random.below(count),
      last = first + random.below(count - first);
    const keep = (i: number): void => void (bytes[begin + i] = before[i]);
    if (cut === 'all but a bit') {
      const changed = [...before.keys()].filter((i) => before[i] !== bytes[begin + i]);
      if (changed.length) {
        const i = random.pick(changed),
          bits = before[i] ^ bytes[begin + i];
        bytes[begin + i] ^= bits & -bits;
      }
    } else if (cut !== 'all')
      for (let i = 0; i < count; i++) {
        if (cut === 'any bits') bytes[begin + i] = half(i);
        else if (cut === 'nothing' || i < first || i > last) keep(i);
      }
    this.off = true;
    throw new PowerCut();
  }
}
