import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Color, Header, Operator, Preprocessing, STRING_LIMIT, Tensor } from '../../src/format';
import { input, label, load, output, run, selfTest, topK } from '../../src/model';
import { altered, refuses } from '../support/damage';
import { packGraph } from '../../host/file/pack-graph';
import { layerParameters, network } from '../support/network';
import { Random } from '../support/random';
import { smallModel } from '../support/small-model';

const file = smallModel(),
  words = new Int32Array(file.buffer),
  tensors = words[Header.tensors] >> 2,
  operator = (i: number): number => words[(words[Header.operators] >> 2) + i] >> 2;

test('a packed model loads, runs, tests itself and names its classes', () => {
  const model = load(file.buffer);
  selfTest(model);
  input(model).fill(7);
  run(model);
  const best = topK(model, 3);
  assert.equal(best.map((s) => s.label).sort(), ['Bär', 'ant', '猫'].sort());
  assert.ok(best[0].score >= best[1].score && best[1].score >= best[2].score);
  assert.ok(Math.abs(best.reduce((sum, s) => sum + s.score, 0) - 1) < 0.02, 'probabilities add up to one');
  for (const index of [99, -1, 0.5, NaN]) assert.is(label(model, index), '');
});

test('equal scores go to the lowest index', () => {
  const model = load(file.buffer);
  output(model).set([5, 9, 9]);
  assert.equal(
    topK(model, 3).map((s) => s.index),
    [1, 2, 0],
  );
});

test('the model runs in place: the file is only read', () => {
  const copy = file.slice();
  selfTest(load(copy.buffer));
  assert.equal(copy, file);
});

test('a file may lie in a larger buffer, such as a partition of flash', () => {
  const partition = new Uint8Array(file.length + 1000).fill(255);
  partition.set(file);
  selfTest(load(partition.buffer));
});

test('a model whose input is most of its file', () => {
  const quantization = { scale: 1 / 128, zeroPoint: 0 },
    random = new Random(9),
    window = { kernel: [8, 8], stride: [8, 8], dilation: [1, 1], pads: [0, 0, 0, 0] } as never,
    golden = random.bytes(96 * 96 * 3);
  const node = {
      op: 'conv2d',
      name: 'conv',
      inputs: ['x'],
      output: 'y',
      window,
      activation: 'relu',
    } as const,
    graph = network(
      { ...node, inputs: ['x'], parameters: layerParameters(random, 8 * 8 * 3 * 4, 4) },
      { x: { shape: [1, 96, 96, 3], quantization }, y: { shape: [1, 12, 12, 4], quantization } },
    );
  const packed = packGraph(graph, { golden }).file;
  assert.ok(golden.length > packed.length / 4);
  selfTest(load(packed.buffer));
  // Its golden input is one byte longer than what is left of the file.
  const outside = new Int32Array(packed.buffer)[Header.golden] >> 2;
  refuses(altered(packed, outside, packed.length - golden.length + 4), /golden input lies outside the file/);
});

test('a truncated file is refused at every length', () => {
  for (let length = 0; length < file.length; length += length < 200 ? 1 : 37)
    refuses(file.buffer.slice(0, length), /truncated|less than a header/);
});

test('a file with any bit flipped is refused', () => {
  const random = new Random(3);
  for (let i = 0; i < 400; i++) {
    const copy = file.slice();
    copy[i < 100 ? i : random.below(copy.length)] ^= 1 << random.below(8);
    refuses(copy.buffer, /corrupted|truncated|not a Flint model|format/);
  }
});

test('something else, something older and something newer are told apart', () => {
  refuses(new ArrayBuffer(4096), /does not begin with "FLNT"/);
  refuses(altered(file, Header.version, 3), /format 3, this runtime reads format 4: pack the model again/);
  refuses(altered(file, Header.version, 99), /format 99, this runtime reads format 4: update the runtime/);
  assert.throws(() => load(file as never), /takes an ArrayBuffer, not a view/);
});

test('tensors that overlap while both are needed are refused', () => {
  const a = tensors + 1 * Tensor.words,
    b = tensors + 2 * Tensor.words;
  refuses(altered(file, b + Tensor.address, words[a + Tensor.address]), /overlap/);
});

test('tensors outside the arena, misaligned or of another size are refused', () => {
  refuses(altered(file, tensors + Tensor.address, words[Header.arenaBytes]), /outside the arena/);
  refuses(altered(file, tensors + Tensor.address, 2), /outside the arena/);
  refuses(altered(file, tensors + Tensor.bytes, 5), /5 bytes, its shape needs/);
  for (const rank of [0, 5, -1]) refuses(altered(file, tensors + Tensor.rank, rank), /has rank/);
  for (const size of [0, -6, 1 << 26])
    refuses(altered(file, tensors + Tensor.shape + 1, size), /has a dimension of/);
  for (const zeroPoint of [-129, 128])
    refuses(altered(file, tensors + Tensor.zeroPoint, zeroPoint), /zero point/);
  for (const base of [-1, 99]) refuses(altered(file, tensors + Tensor.base, base), /does not exist/);
  refuses(altered(file, tensors + Tensor.base, 1), /no view of tensor 1/);
  refuses(altered(file, tensors + Tensor.lastUse, 99), /impossible lifetime/);
});

test('preprocessing of another size or unknown kind is refused', () => {
  const at = words[Header.preprocessing] >> 2;
  for (const [field, values] of [
    [Preprocessing.color, [-1, 3]],
    [Preprocessing.resize, [-1, 2]],
    [Preprocessing.fit, [-1, 2]],
  ] as const)
    for (const value of values) refuses(altered(file, at + field, value), /unknown values/);
  for (const field of [Preprocessing.width, Preprocessing.height])
    for (const size of [-6, 0, 7])
      refuses(altered(file, at + field, size), /does not make what its input takes/);
  refuses(altered(file, at + Preprocessing.color, Color.gray), /does not make what its input takes/);
});

test('an operator that reads what is not there is refused', () => {
  refuses(altered(file, operator(0) + Operator.input, 4), /its input is not there/);
  for (const none of [-1, 99]) {
    refuses(altered(file, operator(1) + Operator.input, none), /its input is not there/);
    refuses(altered(file, operator(2) + Operator.input2, none), /second input is not there/);
    refuses(altered(file, operator(1) + Operator.output, none), /does not exist/);
  }
  refuses(altered(file, operator(1) + Operator.output, 0), /does not write its output when it should/);
  refuses(altered(file, operator(1) + Operator.code, 99), /has the code 99/);
});

test('scratch too small, or inside a tensor, is refused', () => {
  refuses(altered(file, operator(0) + Operator.scratchBytes, 4), /scratch is smaller/);
  refuses(altered(file, operator(0) + Operator.scratch, words[tensors + Tensor.address]), /inside tensor 0/);
  refuses(altered(file, operator(0) + Operator.scratch, -4), /outside the arena/);
});

test('names and labels are cut by the packer where they are too long, and refused by the reader', () => {
  const long = 'ä'.repeat(STRING_LIMIT),
    quantization = { scale: 1, zeroPoint: 0 },
    y = { shape: [1], quantization };
  const graph = network(
      { op: 'constant', name: long, inputs: [], output: 'y', data: Int8Array.of(1) },
      { x: y, y },
    ),
    packed = packGraph(graph, { labels: [long] }).file;
  assert.is(label(load(packed.buffer), 0), 'ä'.repeat(Math.floor(STRING_LIMIT / 2)));
  // The zero behind the label becomes a letter, so that the next string is part of it.
  const bytes = packed.slice(),
    after = new Int32Array(packed.buffer)[Header.labels] + STRING_LIMIT - 1;
  assert.is(bytes[after], 0);
  bytes[after] = 65;
  refuses(altered(bytes, Header.rounding, 0), /a string has no end/);
});

test('a self-test that differs names the operator', () => {
  const model = load(altered(file, operator(1) + Operator.golden, 12345));
  assert.throws(
    () => selfTest(model),
    /operator 1 \(depthwiseConv2d second\) gives [0-9a-f]{8}, expected 00003039/,
  );
});

test.run();
