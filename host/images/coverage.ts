/** How much of its int8 input images can reach by a recipe. */
import { FlintError } from '../../src/error';
import type { Quantization } from '../graph';
import type { ImageInput } from '../recipe/read';
import { preprocessingWords } from './preprocess';
import { Preprocessing } from '../../src/format';

/** What the 256 values of a pixel become, in the channel where that is worst. */
export interface Coverage {
  /** Values of the model's input that can occur, of 256. */
  steps: number;
  /** Share of the pixel values that are clipped, 0 to 1. */
  clipped: number;
  /** What int8 stands for at both ends. */
  low: number;
  high: number;
  /** What pixels of 0 and 255 stand for in the first channel. */
  black: number;
  white: number;
}

/** @param q of the model's input */
export function coverageOf(input: ImageInput, q: Quantization): Coverage {
  const words = preprocessingWords(input, q),
    channels = input.mean.map((_, c) => {
      const [scale, offset] = [words[Preprocessing.scale + c], words[Preprocessing.offset + c]],
        values = Array.from({ length: 256 }, (_, u) => (u * scale + offset) >> 16),
        inside = values.filter((v) => v >= -128 && v <= 127);
      const reached = new Set(values.map((v) => Math.max(-128, Math.min(127, v))));
      return { steps: reached.size, clipped: 1 - inside.length / 256 };
    });
  return {
    steps: Math.min(...channels.map(({ steps }) => steps)),
    clipped: Math.max(...channels.map(({ clipped }) => clipped)),
    low: q.scale * (-128 - q.zeroPoint),
    high: q.scale * (127 - q.zeroPoint),
    black: (0 - input.mean[0]) / input.std[0],
    white: (255 - input.mean[0]) / input.std[0],
  };
}

/** With fewer steps than these no image can be told from another. */
const USELESS = 16;

/** With fewer than these it is worth a word. */
export const FEW = 100;

/** A share of clipped pixel values that is worth a word: one step of rounding at each end is none. */
const CLIPPED = 0.02;

const short = (value: number): string => String(Number(value.toPrecision(4)));

/** Both in one line. */
export const coverageWords = ({ steps, clipped, low, high, black, white }: Coverage): string =>
  `pixels become ${short(black)} to ${short(white)}, int8 holds ${short(low)} to ${short(high)}: ` +
  `${steps} of its 256 steps are used` +
  (clipped ? `, ${(100 * clipped).toFixed(0)} % of the pixel values clipped` : '');

/** The mean and std with which pixels from 0 to 255 use all of an input, to four digits. */
export function fittingRecipe({ scale, zeroPoint }: Quantization): { mean: number; std: number } {
  const digits = (value: number): number => Number(value.toPrecision(4)) || 0;
  return { mean: digits(128 + zeroPoint), std: digits(1 / scale) };
}

/**
 * What is wrong with a recipe for a model's input; nothing where it is right.
 * @param q of the model's input
 * @throws FlintError where the model could not tell images apart
 */
export function coverageProblem(coverage: Coverage, q: Quantization): string | undefined {
  const { steps, clipped } = coverage,
    { mean, std } = fittingRecipe(q),
    advice = `--mean ${mean} --std ${std} would use all of it; take what the model was trained with`;
  if (steps < USELESS)
    throw new FlintError(
      `the recipe does not fit the model's input, all images would look alike: ${coverageWords(coverage)}; ${advice}`,
    );
  if (clipped > CLIPPED || steps < FEW) return `${coverageWords(coverage)}; ${advice}`;
  return undefined;
}
