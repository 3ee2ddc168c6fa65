import { Header, Operator, Tensor } from '../format';
import { operators } from '../operators';
import { checkedOf, isReadable, turnTo, type Checked, type DeviceOperator } from '../operators/operator';
import { readString, skipStrings } from '../strings';
import { fail, fits, tensorAt } from './common';

/**
 * Every operand is written before it is read and still there; scratch is nobody else's; then the operator's
 * own check.
 */
export function verifyOperators(words: Int32Array): void {
  const c = checkedOf(words);
  let work = 0;
  for (let i = 0; i < words[Header.operatorCount]; i++) {
    turnTo(c, i);
    const code = words[c.at + Operator.code],
      operator = operators[code];
    skipStrings(words, words[c.at + Operator.name], 1);
    if (!operator) fail(`operator ${i} has the code ${code}, which this runtime does not know`);
    const wrong = whatIsWrong(c, operator);
    if (wrong) fail(`operator ${i} (${operatorName(words, i)}): ${wrong}`);
    work += operator.work ? operator.work(c) : 0;
    if (work > words[Header.work]) break;
  }
  if (work !== words[Header.work])
    fail(`it states ${words[Header.work]} steps of work, its operators take ${work} or more`);
}

function whatIsWrong(c: Checked, operator: DeviceOperator): string {
  const { words, at } = c,
    size = words[at + Operator.size];
  if (size !== operator.words || !fits(words, at * 4, operator.words * 4))
    return `its record has ${size} words, ${operator.words} are needed`;
  const output = tensorAt(words, words[tensorAt(words, words[at + Operator.output]) + Tensor.base]);
  if (words[output + Tensor.firstUse] !== c.index) return 'it does not write its output when it should';
  if (operator.operands > 0 && !isReadable(c, words[at + Operator.input])) return 'its input is not there';
  if (operator.operands > 1 && !isReadable(c, words[at + Operator.input2]))
    return 'its second input is not there';
  const wrong = operator.check(c);
  if (wrong) return wrong;
  const scratch = operator.scratch ? operator.scratch(c) : 0;
  if (words[at + Operator.scratchBytes] < scratch)
    return `its scratch is smaller than the ${scratch} bytes it needs`;
  return scratchConflict(c);
}

function scratchConflict({ words, index, at }: Checked): string {
  const begin = words[at + Operator.scratch],
    bytes = words[at + Operator.scratchBytes];
  if (begin < 0 || bytes < 0 || begin & 3 || begin + bytes > words[Header.arenaBytes])
    return 'its scratch lies outside the arena';
  for (let k = 0; bytes > 0 && k < words[Header.tensorCount]; k++) {
    const tensor = tensorAt(words, k),
      address = words[tensor + Tensor.address];
    const live = words[tensor + Tensor.firstUse] <= index && words[tensor + Tensor.lastUse] >= index;
    if (live && address < begin + bytes && begin < address + words[tensor + Tensor.bytes])
      return `its scratch lies inside tensor ${k}`;
  }
  return '';
}

/** For messages: the operator's kind and its name in the source model. */
export function operatorName(words: Int32Array, index: number): string {
  const at = words[(words[Header.operators] >> 2) + index] >> 2;
  return operators[words[at + Operator.code]].name + ' ' + readString(words, words[at + Operator.name]);
}
