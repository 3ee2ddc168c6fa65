/** Which of many images, or other samples, ranges come from, and which others the result is judged by. */

/**
 * More than this, where the recipe gives no count, are sampled: the ranges hardly change any more, the time
 * does.
 */
export const SAMPLE = 512;

const SEED = 1;

/** Those that are set aside at most, and at least: fewer tell nothing. */
const ASIDE = 32,
  FEWEST = 8;

/** With fewer than this for ranges a word is due. */
const FEW = 8;

/** So many of a list at most, evenly spread. */
export const evenly = <T>(list: T[], count: number): T[] =>
  list.length <= count
    ? list
    : Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]);

/** A generator of repeatable random numbers in [0, 1): mulberry32. */
function randomNumbers(seed: number): () => number {
  return () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), seed | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** So many numbers below `length` at most, random but the same for the same seed, in order. */
export function randomChoice(length: number, count: number, seed: number): number[] {
  // Each is taken with the chance that gives exactly as many as are still wanted (Knuth's algorithm S).
  const random = randomNumbers(seed),
    chosen: number[] = [];
  for (let i = 0; i < length && chosen.length < count; i++)
    if (random() * (length - i) < count - chosen.length) chosen.push(i);
  return chosen;
}

/** Numbers of samples. */
export interface Choice {
  used: number[];
  /** Some of the others, evenly spread. */
  aside: number[];
  /** Samples there were to choose from, where those that are used are a random part of them. */
  sampledFrom?: number;
}

/** @param count the first so many are used, where people say so */
export function choose(length: number, count?: number): Choice {
  const all = Array.from({ length }, (_, i) => i),
    used = count === undefined ? randomChoice(length, SAMPLE, SEED) : all.slice(0, count),
    taken = new Set(used),
    others = all.filter((i) => !taken.has(i));
  return {
    used,
    aside: others.length < FEWEST ? [] : evenly(others, ASIDE),
    ...(count === undefined && length > SAMPLE && { sampledFrom: length }),
  };
}

/** What is said of too few. @param what they are, as in "image" */
export const fewRemarks = (path: string, count: number, what: string): string[] =>
  count >= FEW
    ? []
    : [
        `${path}: ${count === 1 ? `one calibration ${what}` : `${count} calibration ${what}s`}: ranges of so few fit ` +
          'others badly; a few hundred like those that the model will see are needed',
      ];
