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

interface Found {
  candidates: Candidate[];
  best: Candidate;
  /** How often something was measured, and how often at most it would be. */
  measured: number;
  most: number;
}

async function run(maxDrop: number): Promise<Found> {
  const names = Object.keys(layers);
  let measured = 0,
    most = 0;
  const { candidates, best } = await search({
    layers: names,
    scheme: plain,
    maxDrop,
    floatAccuracy: 0.9,
    methods: [{}, { rounding: 'gptq' }],
    quantize: async (scheme) => scheme as unknown as IntGraph,
    measure(graph) {
      const scheme = graph as unknown as Scheme,
        factor = scheme.rounding === 'gptq' ? 1 : 2;
      const optionOf = (name: string): string =>
          `${scheme.layers[name].bits}${scheme.layers[name].sparsity ? 's' : ''}`,
        sum = (value: (name: string) => number): number =>
          names.reduce((total, name) => total + value(name), 0);
      return {
        accuracy: async () => 0.9 - sum((name) => layers[name].loss[optionOf(name)] * factor),
        flashBytes: sum((name) => layers[name].weights * share[optionOf(name)]),
      };
    },
    onMeasure: (_, total) => (measured++, (most = total)),
  });
  return { candidates, best, measured, most };
}

const narrow = { bits: 4 },
  few = { bits: 4, sparsity: 0.8 };

test('the better method is chosen', async () => {
  const { candidates, best, measured, most } = await run(0.005);
  assert.is(best.method.rounding, 'gptq');
  assert.is(measured, 2 * 9 + candidates.length);
  assert.ok(measured <= most);
});

test('layers are narrowed as far as the budget goes, and no further', async () => {
  const { best } = await run(0.005);
  assert.equal(best.choice, { large: narrow, small: few });
  assert.ok(0.9 - best.accuracy <= 0.005);
  assert.equal((await run(0.05)).best.choice, { large: narrow, touchy: narrow, small: narrow });
  assert.equal((await run(1)).best.choice, { large: few, touchy: few, small: few });
});

test('without a budget everything stays int8, and where int8 itself is beyond it', async () => {
  assert.equal((await run(0)).best.choice, {});
  assert.equal((await run(-1)).best.choice, {});
});

test('the Pareto front holds what nothing else beats, and of equals the first', async () => {
  const { candidates, best } = await run(0.05),
    front = pareto(candidates);
  assert.ok(front.includes(best));
  for (const [i, a] of candidates.entries()) {
    const beaten = candidates.some(({ flashBytes, accuracy }, j) => {
      const better = flashBytes < a.flashBytes || accuracy > a.accuracy || j < i;
      return better && flashBytes <= a.flashBytes && accuracy >= a.accuracy;
    });
    assert.is(front.includes(a), !beaten);
  }
});

test.run();
