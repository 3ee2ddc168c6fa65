/** Whether a packed model fits a board, and what to write into the app's manifest. */
import type { Description } from '../file/describe';
import { elements } from '../graph';
import type { Board } from './boards';
import { creationOf, type Creation } from './split';

/** One thing that has to fit. */
export interface Need {
  what: 'block' | 'RAM' | 'flash';
  bytes: number;
  there: number;
  fits: boolean;
}

export interface Fit {
  needs: Need[];
  fits: boolean;
  /** For the manifest. */
  creation: Creation;
  /** RV32 instructions of one inference, estimated, and the milliseconds if each took one cycle. */
  instructions: number;
  milliseconds: number;
}

/**
 * Instructions of compiled kernels on RV32IMC, by `npm run bench`: so many for each multiply-add, for each value
 * that an operator gives, and for each operator. The estimate is within 5 % for the bench's five models.
 */
const PER_STEP = 2.8,
  PER_OUTPUT = 40,
  PER_OPERATOR = 4000;

/** @param wifi whether Wi-Fi is up */
export function fitTo(about: Description, board: Board, wifi: boolean): Fit {
  const { free, block } = (wifi && board.wifi) || board,
    outputs = about.operators.reduce((sum, { output }) => sum + elements(about.tensors[output].shape), 0),
    instructions = Math.round(
      PER_STEP * about.work + PER_OUTPUT * outputs + PER_OPERATOR * about.operators.length,
    );
  const need = (what: Need['what'], bytes: number, there: number): Need => ({
    ...{ what, bytes, there },
    fits: bytes <= there,
  });
  const needs = [
    need('block', about.blockBytes, block),
    need('RAM', about.ramBytes, free),
    need('flash', about.fileBytes, board.flash),
  ];
  return {
    needs,
    fits: needs.every(({ fits }) => fits),
    creation: creationOf(about.ramBytes, 'compiled'),
    instructions,
    milliseconds: instructions / (board.clock * 1000),
  };
}
