/** What is tried of itself where an int8 model does not agree with the float one. */
import type { Scheme } from '../recipe/scheme';
import { isBetter, isPoor, joined, type Agreement } from './agreement';

/** A way to quantize, laid over the recipe's. */
interface Remedy {
  /** As people would ask for it. */
  name: string;
  scheme: Partial<Scheme>;
}

/** From the cheapest to the dearest: what comes later has to agree better. */
const REMEDIES: Remedy[] = [
  { name: '--recover equalize', scheme: { equalize: true } },
  { name: '--calibrate percentile', scheme: { calibration: 'percentile' } },
  {
    name: '--recover equalize --calibrate percentile',
    scheme: { equalize: true, calibration: 'percentile' },
  },
  {
    name: '--recover equalize,gptq,bias',
    scheme: { equalize: true, rounding: 'gptq', biasCorrection: true },
  },
  { name: '--recover equalize,sequential', scheme: { equalize: true, sequential: true } },
];

/** A remedy that helped, and by how much on images that gave it no ranges. */
export interface Recovery {
  remedy: string;
  scheme: Scheme;
  before: Agreement;
  after: Agreement;
}

/** Images that ranges come from, and others to judge by. */
interface Split<T> {
  train: T[];
  test: T[];
}

/** Images that are set aside at most, and from how many on one part of them is enough. */
const ASIDE = 32,
  MANY = 64;

/** Of few images each is set aside once: of four parts each in turn. */
const PARTS = 4;

/** @param own images that ranges come from @param others that never do */
export function splits<T>(own: T[], others: T[]): Split<T>[] {
  if (others.length) return [{ train: own, test: others }];
  if (own.length < 2) return [];
  const parts = Math.min(PARTS, own.length);
  return Array.from({ length: own.length >= MANY ? 1 : parts }, (_, k) => ({
    train: own.filter((_, i) => i % parts !== k),
    test: own.filter((_, i) => i % parts === k).slice(0, ASIDE),
  }));
}

/** Whether a scheme names ways of its own to win accuracy back, or gives it up: then nothing else is tried. */
export const isChosen = (scheme: Scheme): boolean =>
  scheme.scales !== 'max' ||
  scheme.rounding !== 'nearest' ||
  scheme.biasCorrection ||
  scheme.equalize ||
  scheme.sequential ||
  scheme.sparsity > 0 ||
  Object.keys(scheme.layers).length > 0;

/**
 * Tries remedies until one is good enough, each with ranges from some images and judged on others.
 * @param judged quantizes with a scheme and ranges of some images, and compares on others
 * @returns the best, or nothing where none is better than the scheme itself
 */
export async function recover<T>(
  scheme: Scheme,
  parts: Split<T>[],
  judged: (scheme: Scheme, train: T[], test: T[]) => Promise<Agreement>,
): Promise<Recovery | undefined> {
  if (!parts.length) return undefined;
  const judge = async (own: Scheme): Promise<Agreement> => {
    const all: Agreement[] = [];
    for (const { train, test } of parts) all.push(await judged(own, train, test));
    return joined(all);
  };
  const before = await judge(scheme);
  let best: Recovery | undefined;
  for (const remedy of REMEDIES) {
    const own = { ...scheme, ...remedy.scheme };
    if (own.sequential && own.pruning === 'channels') continue;
    const after = await judge(own);
    if (isBetter(after, best?.after ?? before)) best = { remedy: remedy.name, scheme: own, before, after };
    if (best && !isPoor(best.after) && best.after.alike >= 0.97 * best.after.decisions) break;
  }
  return best;
}
