/** A tensor's range from a histogram of its values: rare large ones are given up for finer steps. */
import { rangeOf, type Observer, type Range } from './observers';

const BINS = 2048;

/** Counts of values; the range doubles when a value falls outside, two bins becoming one. */
export interface Histogram {
  /** Bin i holds values from (i - BINS / 2) * width on. */
  counts: Float64Array;
  width: number;
  min: number;
  max: number;
}

/** Counts of values around zero. */
export function histogram(): Observer<Histogram> {
  const counts = new Float64Array(BINS);
  let width = 0,
    min = Infinity,
    max = -Infinity;
  return {
    update(values) {
      const range = rangeOf(values),
        reach = Math.max(-range.min, range.max);
      min = Math.min(min, range.min);
      max = Math.max(max, range.max);
      if (!width && reach > 0) width = (reach * 1.001) / (BINS / 2);
      while (width && reach >= (width * BINS) / 2) {
        const old = counts.slice();
        counts.fill(0);
        old.forEach((n, i) => (counts[BINS / 4 + (i >> 1)] += n));
        width *= 2;
      }
      for (const v of values) counts[width ? Math.floor(v / width) + BINS / 2 : BINS / 2]++;
    },
    result: () => ({ counts, width, min, max }),
  };
}

/** Share of the values outside a range, on either side. */
const OUTSIDE = 0.00005;

export function percentile({ counts, width, min, max }: Histogram): Range {
  const total = counts.reduce((a, b) => a + b, 0),
    at = (i: number): number => (i - BINS / 2) * width;
  let low = 0,
    high = BINS - 1;
  for (let n = counts[0]; n < total * OUTSIDE && low < BINS - 1; n += counts[++low]);
  for (let n = counts[BINS - 1]; n < total * OUTSIDE && high > 0; n += counts[--high]);
  return { min: Math.max(min, at(low)), max: Math.min(max, at(high + 1)) };
}

/** Shares of the whole range that are tried. */
const SHARES = Array.from({ length: 60 }, (_, i) => 1 - i / 80);

const clipped = ({ min, max }: Histogram, share: number): Range => ({ min: min * share, max: max * share });

/** The share of the range for which `cost` is least. */
function leastCost(h: Histogram, cost: (range: Range) => number): Range {
  if (!h.width) return { min: h.min, max: h.max };
  let best = clipped(h, 1),
    least = Infinity;
  for (const share of SHARES) {
    const range = clipped(h, share),
      c = cost(range);
    if (c < least) ((best = range), (least = c));
  }
  return best;
}

const LEVELS = 256;

/** Least squared error of the quantized values. */
export function squaredError(h: Histogram): Range {
  return leastCost(h, ({ min, max }) => {
    const low = Math.min(min, 0),
      step = (Math.max(max, 0) - low) / (LEVELS - 1) || 1;
    return h.counts.reduce((sum, n, i) => {
      if (!n) return sum;
      const v = (i + 0.5 - BINS / 2) * h.width,
        q = Math.max(0, Math.min(LEVELS - 1, Math.round((v - low) / step)));
      // Within a bin values differ by up to its width; what rounding then leaves is a uniform error at least.
      return sum + n * Math.max((v - low - q * step) ** 2, q > 0 && q < LEVELS - 1 ? (step * step) / 12 : 0);
    }, 0);
  });
}

/**
 * Least Kullback-Leibler divergence of the quantized distribution from that of the values (as TensorRT
 * calibrates).
 */
export function divergence(h: Histogram): Range {
  const total = h.counts.reduce((a, b) => a + b, 0);
  return leastCost(h, ({ min, max }) => {
    const first = Math.max(0, Math.floor(min / h.width + BINS / 2)),
      last = Math.min(BINS - 1, Math.ceil(max / h.width + BINS / 2) - 1),
      size = last - first + 1;
    if (size < LEVELS) return Infinity;
    // What lies outside joins the outermost bins; the quantized distribution spreads each level evenly over
    // its bins that hold anything.
    const p = h.counts.slice(first, last + 1),
      q = new Float64Array(size);
    for (let i = 0; i < first; i++) p[0] += h.counts[i];
    for (let i = last + 1; i < BINS; i++) p[size - 1] += h.counts[i];
    for (let level = 0; level < LEVELS; level++) {
      const from = Math.floor((level * size) / LEVELS),
        to = Math.floor(((level + 1) * size) / LEVELS);
      let sum = 0,
        filled = 0;
      for (let i = from; i < to; i++)
        ((sum += h.counts[first + i]), (filled += h.counts[first + i] > 0 ? 1 : 0));
      for (let i = from; i < to; i++) if (h.counts[first + i] > 0) q[i] = sum / filled;
    }
    let cost = 0;
    for (let i = 0; i < size; i++)
      if (p[i] > 0) cost += (p[i] / total) * Math.log(p[i] / Math.max(q[i], 1e-3));
    return cost;
  });
}
