import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { histogram } from '../../host/quantize/histogram';
import { expectedMinMax, movingAverage, type Range } from '../../host/quantize/observers';
import { rangeObserver } from '../../host/quantize/range-observer';
import type { Scheme } from '../../host/recipe/scheme';

/** Values from 0 to 1, and one of 100. */
const longTail = Float32Array.from({ length: 50000 }, (_, i) => (i === 0 ? 100 : ((i * 7919) % 1000) / 1000));

function rangeOf(method: Scheme['calibration']): Range {
  const observer = rangeObserver(method)();
  observer.update(longTail);
  return observer.result();
}

test('min-max takes in everything', () => assert.equal(rangeOf('min-max'), { min: 0, max: 100 }));

for (const method of ['percentile', 'mse', 'entropy'] as const)
  test(`${method} covers the bulk, and no more than there is`, () => {
    const { min, max } = rangeOf(method);
    assert.ok(min === 0 && max >= 0.99 && max < 101, `${min}..${max}`);
  });

test('percentile leaves out the tail', () => assert.ok(rangeOf('percentile').max < 1.2));

test('a moving average lies between the ranges it saw', () => {
  const average = movingAverage();
  for (const max of [1, 1, 4]) average.update(Float32Array.of(0, max));
  assert.ok(average.result().max > 1 && average.result().max < 4);
});

/** The range after so many images of which every other one reaches 1, every other 2. */
function rangeAfter(count: number): Range {
  const observer = expectedMinMax();
  for (let i = 0; i < count; i++) observer.update(Float32Array.of(0, 1 + (i % 2)));
  return observer.result();
}

test('few images leave room for what more of them would show, enough of them do not', () => {
  const few = rangeAfter(8),
    more = rangeAfter(32);
  assert.ok(few.max > more.max && more.max > 2.2, `${few.max}, ${more.max}`);
  assert.equal(rangeAfter(128), { min: 0, max: 2 });
  assert.is(few.min, 0); // they all begin there
});

test('a histogram that grows loses no value', () => {
  const wide = histogram();
  for (const reach of [1, 1000]) wide.update(Float32Array.from({ length: 100 }, (_, i) => (i / 100) * reach));
  assert.is(
    wide.result().counts.reduce((a, b) => a + b),
    200,
  );
});

test.run();
