import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import type { Node, IntParameters } from '../../host/graph';
import { fileChecksum } from '../../src/checksum';
import { FlintError } from '../../src/error';
import { Header, Operator, Tensor } from '../../src/format';
import { load, run, topK } from '../../src/model';
import { Pool2d } from '../../src/operators/pool2d';
import { Requantization } from '../../src/operators/requantize';
import { Window } from '../../src/operators/window';
import { altered, refuses } from '../support/damage';
import { network } from '../support/network';
import { Random } from '../support/random';
import { smallModel } from '../support/small-model';

const quantization = { scale: 1, zeroPoint: 0 };

/**
 * A model of one operator on one value, with words changed by hand and sealed: nothing in it contradicts
 * anything else.
 */
function forged(
  node: Node<IntParameters>,
  shape: number[],
  edit: (words: Int32Array, tensors: number, at: number) => void,
): ArrayBuffer {
  const { file } = packGraph(network(node, { x: { shape, quantization }, y: { shape, quantization } })),
    words = new Int32Array(file.buffer);
  edit(words, words[Header.tensors] >> 2, words[words[Header.operators] >> 2] >> 2);
  words[Header.checksum] = fileChecksum(words, Header.checksum + 1, words.length);
  return file.buffer;
}

/** Tensors of so many bytes, one behind the other. */
const withTensorsOf = (bytes: number): ArrayBuffer =>
  forged(
    { op: 'lookup', name: 'copy', inputs: ['x'], output: 'y', function: 'requantize' },
    [1],
    (words, tensors) => {
      for (const i of [0, 1]) {
        const at = tensors + i * Tensor.words;
        words[at + Tensor.bytes] = words[at + Tensor.shape] = bytes;
        words[at + Tensor.address] = i * bytes;
      }
      words[Header.arenaBytes] = 2 * bytes;
    },
  );

/** A pooling whose window is as large as windows can be, nearly all of it padding. */
const withWindowOf = (size: number, work: number): ArrayBuffer => {
  const window = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] } as never;
  const node = {
    op: 'averagePool2d',
    name: 'pool',
    inputs: ['x'],
    output: 'y',
    window,
    activation: 'none',
  } as const;
  return forged({ ...node, inputs: ['x'] }, [1, 1, 1, 1], (words, _, at) => {
    const w = at + Pool2d.window;
    words[w + Window.kernelY] = words[w + Window.kernelX] = size;
    for (const pad of [Window.padTop, Window.padLeft]) words[w + pad] = (size - 1) / 2;
    for (const pad of [Window.padBottom, Window.padRight]) words[w + pad] = (size - 1) / 2;
    words[Header.work] = work;
  });
};

/** Milliseconds. */
function time(work: () => void): number {
  const start = Date.now();
  work();
  return Date.now() - start;
}

test('an arena that no microcontroller has is refused at once, however consistent the file', () => {
  for (const bytes of [2 ** 25, 2 ** 27, 2 ** 29]) {
    const file = withTensorsOf(bytes);
    assert.ok(time(() => refuses(file, /an arena of|a dimension of/)) < 200, `${bytes} bytes`);
  }
});

test('a smaller one is refused where the machine says what it has, and loads where it fits', () => {
  const file = withTensorsOf(2 ** 20);
  assert.throws(() => load(file, 200 * 1024), /needs \d+ bytes of RAM, this machine has 204800/);
  run(load(file));
});

test('windows are no larger than the work that is stated', () => {
  const most = 32767;
  refuses(withWindowOf(most, 1), /it states 1 steps of work/);
  refuses(withWindowOf(most, 2 ** 31 - 1), /steps of work, its operators take 1073676289/);
  const file = withWindowOf(most, most ** 2);
  assert.ok(time(() => run(load(file))) < 1000, 'padding is not looked at');
});

test('sums are as narrow as a record says', () => {
  const file = smallModel(),
    words = new Int32Array(file.buffer),
    at = words[words[Header.operators] >> 2] >> 2,
    bias = words[at + Requantization.bias] >> 2;
  assert.is(words[at + Requantization.wide], 0);
  for (const value of [2 ** 28, -(2 ** 28), -(2 ** 31)])
    refuses(altered(file, bias, value), /says that sums are narrow whose bias is -?\d+/);
  for (const value of [2 ** 28 - 1, 1 - 2 ** 28]) load(altered(file, bias, value));
});

test('images are no wider than positions in 32 bits allow', () => {
  const pack = (width: number): unknown => {
    const tensor = { shape: [1, 1, width, 1], quantization },
      node = { op: 'lookup', name: 'copy', inputs: ['x'], output: 'y', function: 'requantize' } as const,
      graph = network({ ...node, inputs: ['x'] }, { x: tensor, y: tensor });
    return packGraph(graph, { preprocessing: [width, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0] });
  };
  pack(16383);
  assert.throws(() => pack(16384), /its preprocessing makes images of 16384 x 1 pixels/);
});

test('no more tensors and operators than are counted', () => {
  const small = smallModel(),
    words = new Int32Array(small.buffer),
    count = 4097,
    file = new Int32Array(words.length + count * Tensor.words);
  file.set(words);
  file[Header.fileBytes] = file.byteLength;
  file[Header.tensorCount] = count;
  file[Header.tensors] = words.length * 4;
  const sealed = altered(new Uint8Array(file.buffer), Header.rounding, 0);
  refuses(sealed, /its 4097 tensor records/);
});

test('no sealed file with a changed word crashes the reader or lets a kernel leave its memory', () => {
  const file = smallModel(),
    words = new Int32Array(file.buffer),
    random = new Random(11);
  let loaded = 0;
  for (let i = 0; i < 4000; i++) {
    const word = random.below(2) ? random.below(Header.words) : random.below(words.length),
      near = [words[word] + 1, words[word] - 1, words[word] ^ (1 << random.below(31))],
      value = random.pick([0, -1, 1, 2, 255, 1 << 20, -(1 << 31), ...near]);
    try {
      const model = load(altered(file, word, value));
      run(model);
      topK(model, 2);
      loaded++;
    } catch (error) {
      if (!(error instanceof FlintError))
        throw new Error(`word ${word} = ${value}: ${(error as Error).stack}`);
    }
  }
  assert.ok(loaded > 100, 'harmless changes, of weights for example, still load');
});

test('an operator that is listed twice, or whose record lies in another, is refused', () => {
  const file = smallModel(),
    words = new Int32Array(file.buffer),
    list = words[Header.operators] >> 2;
  refuses(altered(file, list + 1, words[list]), /does not write its output when it should/);
  for (const offset of [words[list] + 4, words[Header.tensors]])
    refuses(altered(file, list, offset), /inconsistent/);
  for (const offset of [file.length - 4, -4, 2])
    refuses(altered(file, list, offset), /operator 0 lies outside the file/);
  const at = words[list] >> 2;
  refuses(altered(file, at + Operator.size, words[at + Operator.size] - 1), /words, \d+ are needed/);
});

test.run();
