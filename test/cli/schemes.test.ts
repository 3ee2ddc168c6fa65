import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pack } from '../../host/pack';
import { readRecipe } from '../../host/recipe/read';
import { plain, readScheme, type Scheme } from '../../host/recipe/scheme';

const fashion = readRecipe('models/fashion');

const recovered: Partial<Scheme> = { rounding: 'gptq', biasCorrection: true };
const schemes: Partial<Scheme>[] = [
  ...[8, 4, 3, 2].flatMap((bits) => [0, 0.3, 0.5, 0.7, 0.8, 0.95].map((sparsity) => ({ bits, sparsity }))),
  { bits: 4, asymmetric: true },
  { bits: 2, asymmetric: true, sparsity: 0.5 },
  { bits: 4, perTensor: true, sparsity: 0.6 },
  { ...recovered, bits: 4 },
  { ...recovered, sparsity: 0.8, scope: 'global' },
  { ...recovered, sparsity: 0.25, scope: 'global', pruning: 'channels' },
  { activations: 'symmetric', calibration: 'percentile' },
];

async function size(scheme: Partial<Scheme>, optimize: 'size' | 'balance' | 'speed'): Promise<number> {
  const quantization = readScheme(scheme, 'the test');
  return (await pack({ ...fashion, optimize, quantization })).file.length;
}

const without = await size(plain, 'balance');

for (const scheme of schemes)
  test(`${JSON.stringify(scheme)}: the file is not larger, and smallest where size is the aim`, async () => {
    const [least, balanced, fastest] = [
      await size(scheme, 'size'),
      await size(scheme, 'balance'),
      await size(scheme, 'speed'),
    ];
    assert.ok(balanced <= without, `${balanced} bytes, ${without} without`);
    assert.ok(least <= balanced, `for size ${least} bytes, for balance ${balanced}`);
    assert.ok(least <= fastest, `for size ${least} bytes, for speed ${fastest}`);
  });

test('narrower weights and fewer of them take less flash', async () => {
  const four = await size({ bits: 4 }, 'balance');
  assert.ok(four < 0.75 * without);
  assert.ok((await size({ bits: 2 }, 'balance')) < four);
  assert.ok((await size({ sparsity: 0.8 }, 'balance')) < 0.75 * without);
  assert.ok((await size({ sparsity: 0.25, pruning: 'channels' }, 'balance')) < 0.8 * without);
});

test.run();
