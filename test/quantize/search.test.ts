import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { IntGraph } from '../../host/graph';
import { plain, type Scheme } from '../../host/recipe/scheme';
import { pareto, search, type Candidate } from '../../host/search/search';

/** Layers of known sizes, which lose known accuracy with each option (bits, and s: pruned); losses add up. */
const layers: Record<string, { weights: number; loss: Record<string, number> }> = {
  large: { weights: 10000, loss: { 8: 0, 4: 0.001, 2: 0.02, '4s': 0.03 } },
  touchy: { weights: 10000, loss: { 8: 0, 4: 0.03, 2: 0.2, '4s': 0.3 } },
  small: { weights: 500, loss: { 8: 0, 4: 0.0005, 2: 0.002, '4s': 0.001 } },
};
const share: Record<string, number> = { 8: 1, 4: 0.5, 2: 0.25, '4s': 0.2 };
const run = async (maxDrop: number): Promise<{ candidates: Candidate[]; best: Candidate; rounding: unknown; measured: number; total: number }> => {
  let measured = 0, total = 0;
  const { candidates, best } = await search({
    layers: Object.keys(layers), scheme: plain, maxDrop, floatAccuracy: 0.9, methods: [{}, { rounding: 'gptq' }],
    quantize: async (scheme) => scheme as unknown as IntGraph,
    measure(graph) {
      const scheme = graph as unknown as Scheme,
        option = (name: string): string => `${scheme.layers[name].bits}${scheme.layers[name].sparsity ? 's' : ''}`;
      const sum = (value: (name: string) => number): number => Object.keys(layers).reduce((total, name) => total + value(name), 0);
      return { accuracy: async () => 0.9 - sum((name) => layers[name].loss[option(name)] * (scheme.rounding === 'gptq' ? 1 : 2)), flashBytes: sum((name) => layers[name].weights * share[option(name)]) };
    },
    onMeasure: (_, most) => (measured++, (total = most)),
  });
  return { candidates, best, rounding: best.method.rounding, measured, total };
};
const narrow = { bits: 4 }, few = { bits: 4, sparsity: 0.8 };

test('the better method is chosen, and layers are narrowed as far as the budget goes, and no further', async () => {
  const { candidates, best, rounding, measured, total } = await run(0.005);
  assert.is(rounding, 'gptq');
  assert.equal(best.choice, { large: narrow, small: few });
  assert.ok(0.9 - best.accuracy <= 0.005);
  assert.is(measured, 2 * 9 + candidates.length);
  assert.ok(measured <= total);
  assert.equal((await run(0.05)).best.choice, { large: narrow, touchy: narrow, small: narrow });
  assert.equal((await run(1)).best.choice, { large: few, touchy: few, small: few });
});

test('without a budget everything stays int8, and so it does where int8 is beyond the budget already', async () => {
  assert.equal((await run(0)).best.choice, {});
  assert.equal((await run(-1)).best.choice, {});
});

test('the Pareto front holds what nothing else beats', async () => {
  const { candidates, best } = await run(0.05), front = pareto(candidates);
  assert.ok(front.includes(best));
  for (const a of candidates)
    assert.is(front.includes(a), !candidates.some((b) => b.flashBytes <= a.flashBytes && b.accuracy >= a.accuracy && (b.flashBytes < a.flashBytes || b.accuracy > a.accuracy)));
});

test.run();
