import { Header, Operator, Tensor } from '../format';
import { operators } from '../operators';
import { checkedOf, isReadable, turnTo, type Checked } from '../operators/operator';
import { tensorRecord } from '../state';
import { checkStrings, readString } from '../strings';
import { fits, tensorExists } from './common';

/** The most work there can be: a higher sum, in C, may be one that has stopped at the limit of int32. */
const WORK_LIMIT = 0x7ffffffe;

/**
 * Every operand is written before it is read and still there; scratch is nobody else's; then the operator's
 * own check. Tensors, and the first words of every record, have been verified.
 */
export function verifyOperators(words: Int32Array): string {
  const c = checkedOf(words);
  let work = 0;
  for (let i = 0; i < words[Header.operatorCount]; i++) {
    turnTo(c, i);
    const code = words[c.at + Operator.code],
      misnamed = checkStrings(words, words[c.at + Operator.name], 1);
    if (misnamed) return misnamed;
    if (code < 0 || code >= operators.length)
      return `operator ${i} has the code ${code}, which this runtime does not know`;
    const output = words[c.at + Operator.output];
    if (!tensorExists(words, output)) return `tensor ${output} does not exist`;
    const wrong = verifyRecord(c, code) || verifyScratch(c, code);
    if (wrong) return `operator ${i} (${operatorName(words, i)}): ${wrong}`;
    work += operators[code].work?.(c) ?? 0;
    if (work > words[Header.work]) break;
  }
  if (work !== words[Header.work] || work > WORK_LIMIT)
    return `it states ${words[Header.work]} steps of work, its operators take ${work} or more`;
  return '';
}

/** The record's size and operands, then what is the operator's own. */
function verifyRecord(c: Checked, code: number): string {
  const { words, at } = c;
  const size = words[at + Operator.size];
  if (size !== operators[code].words || !fits(words, at * 4, operators[code].words * 4))
    return `its record has ${size} words, ${operators[code].words} are needed`;
  const output = tensorRecord(words, words[c.output + Tensor.base]);
  if (words[output + Tensor.firstUse] !== c.index) return 'it does not write its output when it should';
  if (operators[code].operands > 0 && !isReadable(c, words[at + Operator.input]))
    return 'its input is not there';
  if (operators[code].operands > 1 && !isReadable(c, words[at + Operator.input2]))
    return 'its second input is not there';
  return operators[code].check(c);
}

/** The operator's own check has passed. */
function verifyScratch(c: Checked, code: number): string {
  const { words, at, index } = c;
  const begin = words[at + Operator.scratch],
    bytes = words[at + Operator.scratchBytes],
    need = operators[code].scratch?.(c) ?? 0;
  if (bytes < need) return `its scratch is smaller than the ${need} bytes it needs`;
  if (begin < 0 || bytes < 0 || (begin & 3) !== 0 || begin + bytes > words[Header.arenaBytes])
    return 'its scratch lies outside the arena';
  for (let k = 0; bytes > 0 && k < words[Header.tensorCount]; k++) {
    const tensor = tensorRecord(words, k),
      address = words[tensor + Tensor.address];
    const live = words[tensor + Tensor.firstUse] <= index && words[tensor + Tensor.lastUse] >= index;
    if (live && address < begin + bytes && begin < address + words[tensor + Tensor.bytes])
      return `its scratch lies inside tensor ${k}`;
  }
  return '';
}

/** For messages: the operator's kind and its name in the source model. */
export function operatorName(words: Int32Array, index: number): string {
  const at = words[(words[Header.operators] >> 2) + index] >> 2,
    code = words[at + Operator.code],
    kind = operators[code]?.name ?? `operator of code ${code}`;
  return kind + ' ' + readString(words, words[at + Operator.name]);
}
