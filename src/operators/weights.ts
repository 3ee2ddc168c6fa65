/** Checks that layers with weights share. */
import { inFile, lastDimension, type Checked } from './operator';

/** Bits of a stored weight. */
export const isWidth = (bits: number): boolean => bits === 8 || bits === 4 || bits === 2;

/** What is wrong with the weights' zero points: one for each output channel, or none. */
export const checkZeroPoints = (c: Checked, field: number): string =>
  c.words[c.at + field] === 0 || inFile(c, field, lastDimension(c, c.output))
    ? ''
    : "its weights' zero points lie outside the file";
