import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { choose, randomChoice } from '../../host/images/choose';

const below = (length: number): number[] => Array.from({ length }, (_, i) => i);

test('a random choice is the same for the same seed, in order, and has none twice', () => {
  const chosen = randomChoice(200, 50, 1);
  assert.equal(chosen, randomChoice(200, 50, 1));
  assert.not.equal(chosen, randomChoice(200, 50, 2));
  assert.equal(
    chosen,
    [...new Set(chosen)].sort((a, b) => a - b),
  );
  assert.is(chosen.length, 50);
});

test('every sample is chosen equally often', () => {
  const times = new Array<number>(200).fill(0);
  for (let seed = 0; seed < 400; seed++) for (const i of randomChoice(200, 50, seed)) times[i]++;
  // 100 of 400 are expected; the standard deviation is below 9.
  for (const [i, count] of times.entries())
    assert.ok(count > 55 && count < 145, `${i} was chosen ${count} times`);
});

test('of no more than are wanted all are taken', () => {
  for (const count of [200, 1000]) assert.equal(randomChoice(200, count, 1), below(200));
  assert.is(randomChoice(200, 199, 1).length, 199);
});

test('what ranges do not come from is there to judge by', () => {
  assert.equal(choose(512), { used: below(512), aside: [] });
  const many = choose(1000);
  assert.equal([many.used.length, many.aside.length, many.sampledFrom], [512, 32, 1000]);
  assert.not(many.aside.some((i) => many.used.includes(i)));
  assert.equal(choose(20, 10), { used: below(10), aside: [10, 11, 12, 13, 14, 15, 16, 17, 18, 19] });
  assert.equal(choose(12, 10).aside, [], 'two tell nothing');
});

test.run();
