import { Color, Golden, Header, Preprocessing, Tensor } from '../format';
import { skipStrings } from '../strings';
import { COUNT_LIMIT, fail, fits, tensorAt } from './common';

/** Inputs, outputs, strings, preprocessing and golden test. */
export function verifyInterface(words: Int32Array): void {
  verifyList(words, Header.inputs, Header.inputCount, Tensor.firstUse, -1, 'input');
  verifyList(
    words,
    Header.outputs,
    Header.outputCount,
    Tensor.lastUse,
    words[Header.operatorCount],
    'output',
  );
  skipStrings(words, words[Header.name], 1);
  const labels = words[Header.labelCount];
  if (labels < 0 || labels > words.length * 4) fail(`it states ${labels} labels`);
  if (labels) skipStrings(words, words[Header.labels], labels);
  if (words[Header.preprocessing]) verifyPreprocessing(words, words[Header.preprocessing]);
  if (words[Header.golden]) verifyGolden(words, words[Header.golden]);
}

/** Inputs are written before the first operator, outputs live until after the last. */
function verifyList(
  words: Int32Array,
  list: number,
  count: number,
  use: number,
  when: number,
  what: string,
): void {
  const n = words[count];
  if (n < 1 || n > COUNT_LIMIT || !fits(words, words[list], n * 4))
    fail(`its list of ${n} ${what}s lies outside the file`);
  for (let i = 0; i < n; i++) {
    const base = words[tensorAt(words, words[(words[list] >> 2) + i]) + Tensor.base];
    if (words[tensorAt(words, base) + use] !== when) fail(`${what} ${i} is not kept`);
  }
}

function verifyPreprocessing(words: Int32Array, offset: number): void {
  if (!fits(words, offset, Preprocessing.words * 4)) fail('its preprocessing lies outside the file');
  const at = offset >> 2,
    color = words[at + Preprocessing.color];
  if (
    color >>> 0 > 2 ||
    words[at + Preprocessing.resize] >>> 0 > 1 ||
    words[at + Preprocessing.fit] >>> 0 > 1
  )
    fail('its preprocessing has unknown values');
  const tensor = tensorAt(words, words[words[Header.inputs] >> 2]),
    width = words[at + Preprocessing.width],
    height = words[at + Preprocessing.height];
  if (
    width < 1 ||
    height < 1 ||
    width * height * (color === Color.gray ? 1 : 3) !== words[tensor + Tensor.bytes]
  )
    fail('its preprocessing does not make what its input takes');
}

function verifyGolden(words: Int32Array, offset: number): void {
  if (!fits(words, offset, Golden.words * 4)) fail('its golden record lies outside the file');
  const input = words[(offset >> 2) + Golden.input];
  let length = 0;
  for (let i = 0; i < words[Header.inputCount]; i++)
    length += words[tensorAt(words, words[(words[Header.inputs] >> 2) + i]) + Tensor.bytes];
  if (input && !fits(words, input, length)) fail('its golden input lies outside the file');
}
