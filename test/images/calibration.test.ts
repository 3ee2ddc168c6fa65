/// <reference types="node" />
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { calibrationSet } from '../../host/images/calibration';
import { choose } from '../../host/images/choose';
import type { Recipe } from '../../host/recipe/read';
import { silent } from '../../host/system/progress';
import { idx, save } from './support';

const pixelOf = (i: number): number => i % 251;

test('of many images those are read that were chosen, and others that were set aside', async () => {
  const pixels = Array.from({ length: 600 }, (_, i) => pixelOf(i)),
    recipe = {
      input: {
        ...{ width: 1, height: 1, color: 'gray', mean: [0], std: [1] },
        ...{ resize: 'bilinear', fit: 'cover' },
      },
      calibration: { images: save('many-idx3-ubyte', idx([600, 1, 1], pixels)) },
      labels: [],
    } as Partial<Recipe> as Recipe,
    { inputs, aside, golden, sampledFrom } = await calibrationSet(
      recipe,
      { scale: 1, zeroPoint: -128 },
      silent,
    ),
    chosen = choose(600);
  assert.equal(
    inputs.map(([pixel]) => pixel),
    chosen.used.map(pixelOf),
  );
  assert.equal(
    aside.map(([q]) => q + 128),
    chosen.aside.map(pixelOf),
  );
  assert.equal([golden[0] + 128, sampledFrom], [pixelOf(chosen.used[0]), 600]);
});

test.run();
