/** How sure a measured loss of accuracy is. */
import type { Evaluation } from './evaluate';

/** Points of accuracy, of a hundred. */
export interface Drop {
  /** Lost against the float model; negative where int8 is better. */
  points: number;
  /** The standard error of that. */
  error: number;
  /** Decisions that were wrong in float and are right, and the other way round. */
  won: number;
  lost: number;
}

/**
 * The loss against the float model on the same images. Only images on which one of both is right count: with b
 * lost and c won of n, the drop (b - c) / n has the variance (b + c - (b - c)^2 / n) / n^2 (McNemar's setting).
 */
export function dropOf({ images, changed }: Pick<Evaluation, 'images' | 'changed'>): Drop {
  const lost = changed!.filter((v) => v.float === v.truth).length,
    won = changed!.filter((v) => v.int8 === v.truth).length,
    net = lost - won;
  return {
    points: (100 * net) / images,
    error: (100 * Math.sqrt(Math.max(0, lost + won - (net * net) / images))) / images,
    won,
    lost,
  };
}

/**
 * Whether so many images can tell a drop of some points from none: one image is worth 100 / n points, and
 * where a few decisions change, two standard errors should stay within the budget.
 */
export function tooFew(images: number, maxDrop: number, error: number): string | undefined {
  const one = 100 / images;
  if (one <= maxDrop && 2 * error <= maxDrop) return undefined;
  const why =
    one > maxDrop
      ? `one image of ${images} is worth ${one.toFixed(2)} points`
      : `on ${images} images the drop is known to ±${error.toFixed(2)} points`;
  return `${why}, too few to keep a budget of ${maxDrop}: measure on more images (--limit, or a larger test set)`;
}
