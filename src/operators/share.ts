/**
 * Two cores share an operator's output rows: each has a Model of its own, of one arena, and computes a half. Only C
 * does so, where it is built for two cores; elsewhere one core computes all, and what is asked here costs nothing.
 */
import { Header, Operator } from '../format';
import { TWO_CORES } from './compiled';

/** Which of an operator's output rows a Model is for. */
export const enum Part {
  all,
  first,
  second,
}

/** The first of the rows that this core computes. @param part a Part, of the Model */
export const firstRow = (part: number, rows: number): number =>
  TWO_CORES && part === Part.second ? (rows + 1) >> 1 : 0;

/** Where those rows end. */
export const endRow = (part: number, rows: number): number =>
  TWO_CORES && part === Part.first ? (rows + 1) >> 1 : rows;

/** Address of the strip that this core fills: the second one's begins where the arena ends. */
export const stripAddress = (words: Int32Array, part: number, at: number): number =>
  TWO_CORES && part === Part.second ? words[Header.arenaBytes] : words[at + Operator.scratch];
