import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Header } from '../../src/format';
import { altered, isRefused, refuses } from '../support/damage';
import { smallModel } from '../support/small-model';

const file = smallModel(),
  words = new Int32Array(file.buffer),
  end = file.length;

/** What each figure must not be. */
const header: [figure: number, values: number[], why: RegExp][] = [
  [Header.fileBytes, [end + 4], /truncated/],
  [Header.fileBytes, [end - 1, 0, -4], /impossible size/],
  [Header.fileBytes, [end - 4], /inconsistent|corrupted/],
  [Header.rounding, [-1, 2], /rounding mode/],
  [Header.arenaBytes, [words[Header.arenaBytes] + 4, 0x7fffffff], /an arena of/],
  [Header.arenaBytes, [words[Header.arenaBytes] - 4, 0, -1], /outside the arena/],
  [Header.work, [words[Header.work] - 1, words[Header.work] + 1, 0, -1, 0x7fffffff], /steps of work/],
  [Header.tensorCount, [0, -1, 4097, 0x7fffffff], /tensor records lie outside/],
  [Header.tensors, [0, 2, end, -4, 0x7ffffffc], /tensor records lie outside/],
  [Header.operatorCount, [0, -1, 4097, 0x7fffffff], /operators lies outside/],
  [Header.operators, [0, 2, end, -4, 0x7ffffffc], /operators lies outside/],
  [Header.inputCount, [0, -1, 4097], /list of -?\d+ inputs lies outside/],
  [Header.inputs, [0, 2, end, -4], /list of 1 inputs lies outside/],
  [Header.inputs, [words[Header.outputs]], /input 0 is not kept/],
  [Header.outputCount, [0, -1, 4097], /list of -?\d+ outputs lies outside/],
  [Header.outputs, [0, 2, end, -4], /list of 1 outputs lies outside/],
  [Header.outputs, [words[Header.inputs]], /output 0 is not kept/],
  [Header.name, [0, -1, end], /a string lies outside the file/],
  [Header.labelCount, [-1, 0x7fffffff], /labels/],
  [Header.labelCount, [1000], /a string/],
  [Header.labels, [0, -1, end], /a string lies outside the file/],
  [Header.preprocessing, [4, 2, end, -4], /preprocessing lies outside/],
  [Header.golden, [4, 2, end, -4], /golden record lies outside/],
];
for (const [figure, values, why] of header)
  test(`figure ${figure} of the header: ${values.join(', ')} is ${why.source}`, () => {
    for (const value of values) refuses(altered(file, figure, value), why);
  });

test('no figure of the header is taken as it is', () => {
  for (let figure = 0; figure < Header.words; figure++) {
    if (figure === Header.checksum) continue; // altered() makes it anew; see the flipped bits above
    const values = [-1, words[figure] + 1, 0x7fffffff];
    assert.ok(
      values.some((value) => isRefused(altered(file, figure, value), '')),
      `figure ${figure}`,
    );
  }
});

test.run();
