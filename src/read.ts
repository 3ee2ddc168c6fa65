/**
 * Reading a model file in place: everything that running relies on is checked here, once. A file that passes
 * can be run without reading outside the file or the arena, without one tensor overwriting another that is
 * still needed, and in the work it states.
 */
import { fileChecksum } from './checksum';
import { FlintError } from './error';
import { Header, MAGIC, Tensor, VERSION } from './format';
import { COUNT_LIMIT, fail, fits } from './verify/common';
import { verifyInterface } from './verify/interface';
import { verifyOperators } from './verify/operators';
import { verifyTensors } from './verify/tensors';

export { operatorName } from './verify/operators';

/**
 * Checks a whole model file.
 * @returns the file as words, a view
 * @throws FlintError
 */
export function verify(file: ArrayBufferLike): Int32Array {
  const size = file.byteLength;
  if (size < Header.words * 4)
    throw new FlintError(`not a Flint model: ${size} bytes are less than a header`);
  const head = new Int32Array(file, 0, Header.words);
  if (head[Header.magic] !== MAGIC) throw new FlintError('not a Flint model: it does not begin with "FLNT"');
  const version = head[Header.version];
  if (version !== VERSION) {
    const advice =
      version < VERSION ? 'pack the model again' : 'update the runtime, or pack the model with its packer';
    throw new FlintError(`the model has format ${version}, this runtime reads format ${VERSION}: ${advice}`);
  }
  const bytes = head[Header.fileBytes];
  if (bytes > size) throw new FlintError(`the model is truncated: ${size} of ${bytes} bytes are there`);
  if (bytes < Header.words * 4 || bytes & 3)
    throw new FlintError('the model is corrupted: its header gives an impossible size');
  const words = new Int32Array(file, 0, bytes >> 2);
  if (fileChecksum(words, Header.checksum + 1, words.length) !== words[Header.checksum])
    throw new FlintError('the model is corrupted: its checksum does not match');
  verifyTables(words);
  verifyTensors(words);
  verifyInterface(words);
  verifyOperators(words);
  return words;
}

function verifyTables(words: Int32Array): void {
  const tensors = words[Header.tensorCount],
    count = words[Header.operatorCount];
  if (words[Header.rounding] < 0 || words[Header.rounding] > 1)
    fail(`rounding mode ${words[Header.rounding]}`);
  if (tensors < 1 || tensors > COUNT_LIMIT || !fits(words, words[Header.tensors], tensors * Tensor.words * 4))
    fail(`its ${tensors} tensor records lie outside the file`);
  if (count < 1 || count > COUNT_LIMIT || !fits(words, words[Header.operators], count * 4))
    fail(`its list of ${count} operators lies outside the file`);
}
