import type { Activation, Quantization } from '../../host/graph';

/** Repeatable random numbers: xorshift32. */
export class Random {
  constructor(private state: number) {}
  /** An integer in [0, n). */
  below(n: number): number {
    this.state ^= this.state << 13;
    this.state ^= this.state >>> 17;
    this.state ^= this.state << 5;
    return (this.state >>> 0) % n;
  }
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }
  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)];
  }
  /** Mostly anything, sometimes only extremes. */
  bytes(length: number, low = -128): Int8Array {
    const extreme = this.below(6) === 0;
    return Int8Array.from({ length }, () => (extreme ? this.pick([low, 127]) : this.between(low, 127)));
  }
  /** Real numbers around 0, none beyond `most`. */
  reals(length: number, most = 1): Float32Array {
    return Float32Array.from({ length }, () => (most * (this.below(2001) - 1000)) / 1000);
  }
  quantization(): Quantization {
    const scale = Math.fround(2 ** -this.between(1, 8) * (1 + this.below(1000) / 1000));
    return { scale, zeroPoint: this.pick([-128, 127, 0, this.between(-128, 127)]) };
  }
  activation(): Activation {
    return this.pick(['none', 'relu', 'relu6', 'reluN1To1'] as const);
  }
}
