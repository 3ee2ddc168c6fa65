import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes, json, percent, print, printError, printable, table } from '../../host/system/terminal';

test('nothing that a terminal obeys gets through', () => {
  assert.is(printable('\x1b[2J\x1b]0;title\x07'), '\\x1b[2J\\x1b]0;title\\x07');
  assert.is(printable('a\nb\tc\rd\0'), 'a\\x0ab\\x09c\\x0dd\\x00');
  assert.is(printable('\x7f\x80\x9b\x9f'), '\\x7f\\x80\\x9b\\x9f');
  assert.is(printable('\u202egnp.exe\u2066\u2069\u202a'), '\\u{202e}gnp.exe\\u{2066}\\u{2069}\\u{202a}');
  for (let code = 0; code < 0x3000; code++) {
    const isUnprintable = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/u.test(String.fromCharCode(code));
    assert.is(printable(String.fromCharCode(code)).length > 1, isUnprintable, code.toString(16));
  }
});

test('text of any language stays as it is', () => {
  for (const text of ['T-shirt/top', 'Straße', '猫', 'كلب', '🐈', ' \\ ', ''])
    assert.is(printable(text), text);
});

test('print keeps the lines of a text and escapes what is in them', () => {
  const { log, error } = console;
  const printed: unknown[][] = [];
  console.log = (...args) => printed.push(args);
  console.error = (...args) => printed.push(args);
  try {
    print('one\ntwo\x1b[31m %s');
    printError('three\t');
  } finally {
    Object.assign(console, { log, error });
  }
  assert.equal(printed, [['one\ntwo\\x1b[31m %s'], ['three\\x09']]);
});

test('a table has numbers to the right, text to the left', () => {
  const rows = [
    ['conv2d', 18346, '3.50 %'],
    ['softmax', 9, '100.00 %'],
  ];
  assert.equal(table(['layer', 'bytes', 'share'], rows).split('\n'), [
    '  layer     bytes     share',
    '  -------  ------  --------',
    '  conv2d   18,346    3.50 %',
    '  softmax       9  100.00 %',
  ]);
});

test("a table's cells cannot break out of it", () => {
  const lines = table(['la\nbel'], [['cat\n\x1b[1A'], ['dog']]).split('\n');
  assert.equal(lines, ['  la\\x0abel', '  --------------', '  cat\\x0a\\x1b[1A', '  dog']);
});

test('shares and sizes', () => {
  assert.is(percent(15, 16), '93.75 %');
  assert.is(bytes(12345), '12,345 bytes');
});

test('JSON has no such characters either, and says the same', () => {
  const value = { 'a\x9b2J\n': ['\x1b]0;x\x07', '\u202e', 'Bär 猫'] };
  for (const indent of [0, 2]) {
    const text = json(value, indent);
    assert.not.match(text, /[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    assert.equal(JSON.parse(text), value);
  }
  assert.ok(json('Bär 猫').includes('Bär 猫'));
});

test.run();
