import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { linesOf, printView, wrapped } from '../../src/camera/lines';

const answer = { label: 'cat', score: 0.987, interval: 125_000, inference: 45_250, frozen: false };

test('label and score; frames a second and milliseconds', () => {
  assert.equal(linesOf(answer), ['cat 0.99', '8.0 frames/s, 45.3 ms']);
  assert.equal(linesOf({ ...answer, interval: 0 })[1], 'starting, 45.3 ms');
  assert.equal(linesOf({ ...answer, frozen: true })[1], 'frozen, 45.3 ms');
});

test('what stays the same is printed once a second', () => {
  const printed: string[] = [];
  let time = 0;
  const view = printView(
    (line) => printed.push(line),
    () => time,
  );
  const say = (label: string, frozen = false): void => {
    time += 300_000;
    view.answer({ ...answer, label, frozen });
  };
  for (let i = 0; i < 7; i++) say('cat');
  assert.is(printed.length, 2);
  say('dog');
  say('dog', true);
  assert.equal(printed.slice(2), ['dog 0.99, 8.0 frames/s, 45.3 ms', 'dog 0.99, frozen, 45.3 ms']);
});

test('messages are wrapped between words', () => {
  const wrap = (text: string): string[] => wrapped(text, 8, ({ length }) => length);
  assert.equal(wrap('a model needs more'), ['a model', 'needs', 'more']);
  assert.equal(wrap('a to do b'), ['a to do', 'b']);
  assert.equal(wrap('extraordinarily so'), ['extraordinarily', 'so']);
});

test.run();
