import { Header, Tensor } from '../format';
import { COUNT_LIMIT, fits } from './common';
import { verifyInterface } from './interface';
import { verifyOperators } from './operators';
import { verifyTensors } from './tensors';

/**
 * What is wrong with a file of which magic, version and size are right; empty when nothing is.
 *
 * @compiled checks
 */
export function whatIsWrong(words: Int32Array): string {
  const wrong = verifyTables(words) || verifyTensors(words) || verifyInterface(words);
  if (wrong) return wrong;
  return verifyOperators(words);
}

/** The table of tensors and the list of operators lie in the file. */
function verifyTables(words: Int32Array): string {
  const rounding = words[Header.rounding],
    tensors = words[Header.tensorCount],
    count = words[Header.operatorCount];
  if (rounding < 0 || rounding > 1) return `rounding mode ${rounding}`;
  if (tensors < 1 || tensors > COUNT_LIMIT || !fits(words, words[Header.tensors], tensors * Tensor.words * 4))
    return `its ${tensors} tensor records lie outside the file`;
  if (count < 1 || count > COUNT_LIMIT || !fits(words, words[Header.operators], count * 4))
    return `its list of ${count} operators lies outside the file`;
  return '';
}
