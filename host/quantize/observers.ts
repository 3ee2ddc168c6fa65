/** A tensor's range from the smallest and the largest of the values that it takes. */

/** The values that a tensor takes. */
export interface Range {
  min: number;
  max: number;
}

/** Gathers one tensor's statistics over all inputs. */
export interface Observer<T> {
  update(values: Float32Array): void;
  result(): T;
}

/** The least and the largest of some values. */
export function rangeOf(values: Iterable<number>): Range {
  let min = Infinity,
    max = -Infinity;
  for (const v of values) {
    if (v < min) min = v;
    if (v > max) max = v;
  }
  return { min, max };
}

/** What holds all of some ranges. */
export const joinRanges = (ranges: Range[]): Range => ({
  min: Math.min(...ranges.map(({ min }) => min)),
  max: Math.max(...ranges.map(({ max }) => max)),
});

/** Smallest and largest value. */
export function minMax(): Observer<Range> {
  let min = Infinity,
    max = -Infinity;
  return {
    update(values) {
      const range = rangeOf(values);
      if (range.min < min) min = range.min;
      if (range.max > max) max = range.max;
    },
    result: () => ({ min, max }),
  };
}

/** So many images show what values there are; fewer leave some unseen. */
const ENOUGH = 128;

/** Mean and standard deviation of some numbers, one after the other (Welford). */
function spread(): { add(v: number): void; deviation(): number } {
  let count = 0,
    mean = 0,
    squares = 0;
  return {
    add(v) {
      const from = v - mean;
      mean += from / ++count;
      squares += from * (v - mean);
    },
    deviation: () => (count > 1 ? Math.sqrt(squares / (count - 1)) : 0),
  };
}

/**
 * Smallest and largest value, and what is to be expected beyond them where few images were seen. The largest
 * values of single images spread; the largest of many of them grows with the logarithm of their number, as
 * fast as they spread (Gumbel's distribution).
 */
export function expectedMinMax(): Observer<Range> {
  const ranges: Range[] = [],
    low = spread(),
    high = spread();
  return {
    update(values) {
      const range = rangeOf(values);
      ranges.push(range);
      low.add(range.min);
      high.add(range.max);
    },
    result() {
      const { min, max } = joinRanges(ranges),
        growth = (Math.sqrt(6) / Math.PI) * Math.log(Math.max(1, ENOUGH / ranges.length));
      return { min: min - growth * low.deviation(), max: max + growth * high.deviation() };
    },
  };
}

/** Share that the latest image has in the average. */
const LATEST = 0.05;

/**
 * Ranges of single images, averaged with weights that fade: the first ones count as much as all before them.
 */
export function movingAverage(): Observer<Range> {
  let range: Range | undefined,
    count = 0;
  return {
    update(values) {
      const { min, max } = rangeOf(values),
        share = Math.max(LATEST, 1 / ++count);
      range = range
        ? { min: range.min + share * (min - range.min), max: range.max + share * (max - range.max) }
        : { min, max };
    },
    result: () => range!,
  };
}
