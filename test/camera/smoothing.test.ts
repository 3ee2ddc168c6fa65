import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addTo, emptyAverage } from '../../src/camera/smoothing';

const near = (got: ArrayLike<number>, wanted: number[]): void =>
  wanted.forEach((value, i) => assert.ok(Math.abs(got[i] - value) < 1e-4, `${got[i]} for ${value}`));

test('the first frames are averaged plainly', () => {
  const average = emptyAverage(2);
  addTo(average, Int8Array.of(-128, 127), 4);
  near(average.values, [-128, 127]);
  addTo(average, Int8Array.of(0, 1), 4);
  near(average.values, [-64, 64]);
  addTo(average, Int8Array.of(8, 10), 4);
  near(average.values, [-40, 46]);
});

test('later ones replace a fixed share of what was before', () => {
  const average = emptyAverage(1);
  for (let i = 0; i < 20; i++) addTo(average, Int8Array.of(100), 4);
  near(average.values, [100]);
  for (const left of [75, 56.25, 42.1875]) {
    addTo(average, Int8Array.of(0), 4);
    near(average.values, [left]);
  }
});

test('over one frame there is no average', () => {
  const average = emptyAverage(1);
  for (const value of [5, -7, 127]) {
    addTo(average, Int8Array.of(value), 1);
    near(average.values, [value]);
  }
});

test.run();
