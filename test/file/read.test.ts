import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fileChecksum } from '../../src/checksum';
import { FlintError } from '../../src/error';
import { Header, Operator, Tensor } from '../../src/format';
import { input, label, load, output, run, selfTest, topK } from '../../src/model';
import { Random } from '../support/random';
import { smallModel } from '../support/small-model';

const file = smallModel();

/** A copy with one word changed; sealed again so that only the deeper checks can notice. */
function altered(word: number, value: number, seal = true): ArrayBuffer {
  const words = new Int32Array(file.buffer.slice(0));
  words[word] = value;
  if (seal) words[Header.checksum] = fileChecksum(words, Header.checksum + 1, words.length);
  return words.buffer;
}

const rejects = (buffer: ArrayBuffer, pattern: RegExp): void =>
  assert.throws(() => load(buffer), (error: Error) => error instanceof FlintError && (pattern.test(error.message) || assert.unreachable(error.message)));

const words = new Int32Array(file.buffer), tensors = words[Header.tensors] >> 2;
const operator = (i: number): number => words[(words[Header.operators] >> 2) + i] >> 2;

test('a packed model loads, runs, tests itself and names its classes', () => {
  const model = load(file.buffer);
  selfTest(model);
  input(model).fill(7);
  run(model);
  const best = topK(model, 3);
  assert.equal(best.map((s) => s.label).sort(), ['Bär', 'ant', '猫'].sort());
  assert.ok(best[0].score >= best[1].score && best[1].score >= best[2].score);
  assert.ok(Math.abs(best.reduce((sum, s) => sum + s.score, 0) - 1) < 0.02, 'probabilities add up to one');
  assert.is(label(model, 99), '');
});

test('equal scores go to the lowest index', () => {
  const model = load(file.buffer);
  output(model).set([5, 9, 9]);
  assert.equal(topK(model, 3).map((s) => s.index), [1, 2, 0]);
});

test('the model runs in place: the file is only read', () => {
  const copy = file.slice();
  const model = load(copy.buffer);
  selfTest(model);
  assert.equal(copy, file);
});

test('a truncated file is refused at every length', () => {
  for (let length = 0; length < file.length; length += length < 200 ? 1 : 37) rejects(file.buffer.slice(0, length), /truncated|less than a header/);
});

test('a file with any bit flipped is refused', () => {
  const random = new Random(3);
  for (let i = 0; i < 400; i++) {
    const copy = file.slice();
    copy[i < 100 ? i : random.below(copy.length)] ^= 1 << random.below(8);
    rejects(copy.buffer, /corrupted|truncated|not a Flint model|format/);
  }
});

test('something else and something newer are told apart', () => {
  rejects(new ArrayBuffer(4096), /does not begin with "FLNT"/);
  rejects(altered(Header.version, 99), /format 99, this runtime reads format/);
});

test('tensors that overlap while both are needed are refused', () => {
  const a = tensors + 1 * Tensor.words, b = tensors + 2 * Tensor.words;
  rejects(altered(b + Tensor.address, words[a + Tensor.address]), /overlap/);
});

test('tensors outside the arena, misaligned or of another size are refused', () => {
  rejects(altered(tensors + Tensor.address, words[Header.arenaBytes]), /outside the arena/);
  rejects(altered(tensors + Tensor.address, 2), /outside the arena/);
  rejects(altered(tensors + Tensor.bytes, 5), /5 bytes, its shape needs/);
  rejects(altered(Header.arenaBytes, 1 << 30), /an arena of/);
});

test('an operator that reads what is not there is refused', () => {
  rejects(altered(operator(0) + Operator.input, 4), /its input is not there/);
  rejects(altered(operator(2) + Operator.input2, -1), /second input is not there/);
  rejects(altered(operator(1) + Operator.input, 99), /tensor 99 does not exist/);
});

test('scratch too small, or inside a tensor, is refused', () => {
  rejects(altered(operator(0) + Operator.scratchBytes, 4), /scratch is smaller/);
  rejects(altered(operator(0) + Operator.scratch, words[tensors + Tensor.address]), /scratch inside tensor/);
});

test('no sealed file with a changed word crashes the reader or lets a kernel leave its memory', () => {
  const random = new Random(11);
  let loaded = 0;
  for (let i = 0; i < 4000; i++) {
    const metadata = random.below(2) ? random.below(Header.words) : random.below(words.length);
    const value = random.pick([0, -1, 1, 2, 255, 1 << 20, -(1 << 31), words[metadata] + 1, words[metadata] - 1, words[metadata] ^ (1 << random.below(31))]);
    if (metadata === Header.fileBytes) continue;
    try {
      const model = load(altered(metadata, value));
      run(model);
      topK(model, 2);
      loaded++;
    } catch (error) {
      if (!(error instanceof FlintError)) throw new Error(`word ${metadata} = ${value}: ${(error as Error).stack}`);
    }
  }
  assert.ok(loaded > 100, 'harmless changes, of weights for example, still load');
});

test('a self-test that differs names the operator', () => {
  const model = load(altered(operator(1) + Operator.golden, 12345));
  assert.throws(() => selfTest(model), /operator 1 \(depthwiseConv2d second\) gives [0-9a-f]{8}, expected 00003039/);
});

test.run();
