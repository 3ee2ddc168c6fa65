/** Whether a packed model fits a board, and what to write into the app's manifest. */
import type { Description } from '../file/describe';
import { elements } from '../graph';
import type { Board } from './boards';

/** Slots of the stack and of the heap, and bytes of one on a 32-bit XS: src/README.md, "Heap sizes". */
const STACK = 400,
  SLOTS = 220,
  SLOT_BYTES = 16;

/** XS's own tables, outside these heaps. */
const TABLES = 8192;

/** One thing that has to fit. */
export interface Need {
  what: 'arena' | 'chunks' | 'RAM' | 'flash';
  bytes: number;
  there: number;
  fits: boolean;
}

export interface Fit {
  needs: Need[];
  fits: boolean;
  /** For the manifest. */
  creation: {
    static: number;
    stack: number;
    heap: { initial: number };
    chunk: { initial: number };
  };
  /** RV32 instructions of one inference, estimated, and the milliseconds if each took one cycle. */
  instructions: number;
  milliseconds: number;
}

/**
 * Instructions of compiled kernels on RV32IMC, by `npm run bench`: so many for each multiply-add, for each value
 * that an operator gives, and for each operator. Large convolutions come to 4.1 for a multiply-add with all of
 * it. Of fashion the estimate is 1 % off, of seed 6 %.
 */
const PER_STEP = 3.5,
  PER_OUTPUT = 40,
  PER_OPERATOR = 5000;

/** @param wifi whether Wi-Fi is up */
export function fitTo(about: Description, board: Board, wifi: boolean): Fit {
  const { free, block } = (wifi && board.wifi) || board,
    chunks = about.ramBytes - STACK * SLOT_BYTES - SLOTS * SLOT_BYTES - TABLES,
    outputs = about.operators.reduce((sum, { output }) => sum + elements(about.tensors[output].shape), 0),
    instructions = Math.round(
      PER_STEP * about.work + PER_OUTPUT * outputs + PER_OPERATOR * about.operators.length,
    );
  const need = (what: Need['what'], bytes: number, there: number): Need => ({
    ...{ what, bytes, there },
    fits: bytes <= there,
  });
  const needs = [
    need('arena', about.arenaBytes, block),
    need('chunks', chunks, block),
    need('RAM', about.ramBytes, free),
    need('flash', about.fileBytes, board.flash),
  ];
  return {
    needs,
    fits: needs.every(({ fits }) => fits),
    creation: { static: 0, stack: STACK, heap: { initial: SLOTS }, chunk: { initial: chunks } },
    instructions,
    milliseconds: instructions / (board.clock * 1000),
  };
}
