import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { keyLine, table } from '../../host/system/table';

const head = ['', 'name', 'bytes', 'scratch'];
const rows = [[0, '/a/very/long/name/of/an/operator/in/a/model/Conv', 1234567, 89]];

test('a table that is too wide loses the middle of its texts, then spare columns, and no digit', () => {
  for (const limit of [30, 40, 60, 80]) {
    const text = table(head, rows, ['scratch'], limit);
    for (const line of text.split('\n')) assert.ok(line.length <= limit, `${limit}: ${line}`);
    assert.match(text, /1,234,567/);
    assert.match(text, /Conv/);
  }
  assert.match(table(head, rows, ['scratch'], 45), /scratch/);
  assert.not.match(table(head, rows, ['scratch'], 30), /scratch/);
  assert.match(table(head, rows, ['scratch'], 200), /operator\/in\/a\/model\/Conv/);
});

test('a line goes on below its text', () => {
  assert.is(
    keyLine('key', 'one two three four five six seven', 38),
    '  key          one two three four five\n               six seven',
  );
});

test.run();
