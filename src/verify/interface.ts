import { Color, Golden, Header, Preprocessing, Tensor } from '../format';
import { tensorRecord } from '../state';
import { checkStrings } from '../strings';
import { COUNT_LIMIT, fileSize, fits, tensorExists } from './common';

/** Inputs, outputs, strings, preprocessing and golden test. Tensors have been verified. */
export function verifyInterface(words: Int32Array): string {
  return (
    verifyList(words, Header.inputs, Header.inputCount, Tensor.firstUse, -1) ||
    verifyList(words, Header.outputs, Header.outputCount, Tensor.lastUse, words[Header.operatorCount]) ||
    checkStrings(words, words[Header.name], 1) ||
    verifyLabels(words) ||
    verifyPreprocessing(words, words[Header.preprocessing]) ||
    verifyGolden(words, words[Header.golden])
  );
}

/** For messages: what a list of the header holds. */
const kindOf = (list: number): string => (list === Header.inputs ? 'input' : 'output');

/** Inputs are written before the first operator, outputs live until after the last. */
function verifyList(words: Int32Array, list: number, count: number, use: number, when: number): string {
  const n = words[count];
  if (n < 1 || n > COUNT_LIMIT || !fits(words, words[list], n * 4))
    return `its list of ${n} ${kindOf(list)}s lies outside the file`;
  for (let i = 0; i < n; i++) {
    const tensor = words[(words[list] >> 2) + i];
    if (!tensorExists(words, tensor)) return `tensor ${tensor} does not exist`;
    const base = words[tensorRecord(words, tensor) + Tensor.base];
    if (words[tensorRecord(words, base) + use] !== when) return `${kindOf(list)} ${i} is not kept`;
  }
  return '';
}

function verifyLabels(words: Int32Array): string {
  const labels = words[Header.labelCount];
  if (labels < 0 || labels > fileSize(words)) return `it states ${labels} labels`;
  return labels === 0 ? '' : checkStrings(words, words[Header.labels], labels);
}

/** The most pixels of a side: positions in an image, which has up to 32767, then fit 32 bits; see resample.ts. */
const SIDE_LIMIT = 16383;

/** The list of inputs has been verified. @param offset 0 when the model takes no images */
function verifyPreprocessing(words: Int32Array, offset: number): string {
  if (offset === 0) return '';
  if (!fits(words, offset, Preprocessing.words * 4)) return 'its preprocessing lies outside the file';
  const at = offset >> 2,
    color = words[at + Preprocessing.color],
    resize = words[at + Preprocessing.resize],
    fit = words[at + Preprocessing.fit];
  if (color < 0 || color > 2 || resize < 0 || resize > 1 || fit < 0 || fit > 1)
    return 'its preprocessing has unknown values';
  const tensor = tensorRecord(words, words[words[Header.inputs] >> 2]),
    width = words[at + Preprocessing.width],
    height = words[at + Preprocessing.height],
    channels = color === Color.gray ? 1 : 3;
  if (width > SIDE_LIMIT || height > SIDE_LIMIT)
    return `its preprocessing makes images of ${width} x ${height} pixels`;
  if (width < 1 || height < 1 || width * height * channels !== words[tensor + Tensor.bytes])
    return 'its preprocessing does not make what its input takes';
  return '';
}

/** The list of inputs has been verified. @param offset 0 when there is no golden test */
function verifyGolden(words: Int32Array, offset: number): string {
  if (offset === 0) return '';
  if (!fits(words, offset, Golden.words * 4)) return 'its golden record lies outside the file';
  const input = words[(offset >> 2) + Golden.input],
    list = words[Header.inputs] >> 2;
  let length = 0;
  for (let i = 0; i < words[Header.inputCount]; i++)
    length += words[tensorRecord(words, words[list + i]) + Tensor.bytes];
  return input === 0 || fits(words, input, length) ? '' : 'its golden input lies outside the file';
}
