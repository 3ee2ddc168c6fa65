/** What commands print fits the terminal, and is coloured nowhere else. */
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';
import { flint, succeeds } from './command';
import { atTerminal, hasTerminal } from './typed';

const work = temporaryFolder();
const model = 'models/fashion';
const samples = join(model, 'samples');
const packed = ['-o', join(work, 'fit.flint')];
const testAtTerminal = testIf(hasTerminal, 'there is no script command');

const commands = ['pack', 'init', 'run', 'eval', 'search', 'report', 'fit', 'inspect', 'validate'];
const lines: string[][] = [
  ['pack', model, '--no-eval', ...packed],
  ['run', model, join(samples, '1-trouser.png')],
  ['run', model, '--trace'],
  ['eval', model, samples, '--confusion'],
  ['search', model, samples, '--limit', '10', ...packed],
  ['report', model, samples, '-o', join(work, 'r.html')],
  ['fit', model],
  ['fit', model, '--board', 'esp32'],
  ['inspect', model],
  ['validate', model],
  ['--help'],
  ...commands.map((name) => [name, '--help']),
];

/** What is to be copied as it is: a path, or settings for a model.json. */
const toCopy = /written to|"quantization":/;

for (const columns of [80, 120])
  test(`every line of every command fits ${columns} columns`, () => {
    for (const line of lines)
      for (const text of succeeds(line, { COLUMNS: String(columns) }).split('\n'))
        assert.ok([...text].length <= columns || toCopy.test(text), `${line.join(' ')}: ${text}`);
  });

test('where no terminal is, nothing is coloured', () => {
  const { stdout, stderr } = flint(['run', model, samples, 'nowhere.png']);
  assert.not.match(stdout + stderr, /\x1b/);
});

testAtTerminal('on a terminal errors are coloured, but not with NO_COLOR, and tables are not', async () => {
  const red = '\x1b[31mflint:\x1b[0m nowhere: no such model file';
  assert.ok((await atTerminal(['inspect', 'nowhere'])).screen.includes(red));
  const { screen } = await atTerminal(['inspect', 'nowhere'], [], { NO_COLOR: '1' });
  assert.match(screen, /^flint: nowhere: no such model file/);
  assert.not.match((await atTerminal(['inspect', model])).screen, /\x1b/);
});

testAtTerminal('a bar leaves the cursor and the wrapping of lines alone', async () => {
  const line = ['pack', model, '--no-eval', ...packed];
  const { screen } = await atTerminal(line, [], { FLINT_CACHE: '' });
  assert.match(screen, /reading calibration images/);
  assert.not.match(screen, /\x1b\[\?(25|7)l/);
});

test.run();
