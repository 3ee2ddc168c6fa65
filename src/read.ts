/**
 * Reading a model file in place: everything that running relies on is checked here, once. A file that passes
 * can be run without reading outside the file or the arena, without one tensor overwriting another that is
 * still needed, and in the work it states.
 */
import { fileChecksum } from './checksum';
import { FlintError } from './error';
import { Header, MAGIC, VERSION } from './format';
import { native } from './native/native';
import { VERSION as SOURCES } from './native/version';
import { sumsNeeded } from './ram';
import { whatIsWrong } from './verify/verify';

export { operatorName } from './verify/operators';

/** A file that has been checked. */
export interface Verified {
  /** The file, a view. */
  words: Int32Array;
  /** Integers that its kernels keep: scratchNeeded where they are compiled, else sumsNeeded. */
  scratch: number;
}

/**
 * Checks a whole model file. Where kernels are compiled, so are the checks; they only tell whether something
 * is wrong, and then the same ones are interpreted to say what.
 * @throws FlintError
 */
export function verify(file: ArrayBufferLike): Verified {
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
  if (native) {
    if (native.version() !== SOURCES)
      throw new FlintError(
        'the compiled kernels are of other sources than the JavaScript: take both from one dist/device',
      );
    const scratch = native.check(file);
    if (scratch >= 0) return { words, scratch };
  }
  if (fileChecksum(words, Header.checksum + 1, words.length) !== words[Header.checksum])
    throw new FlintError('the model is corrupted: its checksum does not match');
  const wrong = whatIsWrong(words);
  if (wrong) throw new FlintError('the model is inconsistent: ' + wrong);
  if (native) throw new FlintError('the compiled checks refuse the model, the interpreted ones do not');
  return { words, scratch: sumsNeeded(words) };
}
