import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { IntGraph } from '../host/graph';
import { plain, type Scheme } from '../host/quantize/scheme';
import { pareto, search, type Candidate } from '../host/search';

/** Layers of known sizes, which lose known accuracy at each width; losses add up. */
const layers: Record<string, { weights: number; loss: Record<number, number> }> = {
  large: { weights: 10000, loss: { 8: 0, 4: 0.001, 2: 0.02 } },
  touchy: { weights: 10000, loss: { 8: 0, 4: 0.03, 2: 0.2 } },
  small: { weights: 500, loss: { 8: 0, 4: 0.0005, 2: 0.002 } },
};
const run = async (maxDrop: number): Promise<{ candidates: Candidate[]; measured: number }> => {
  let measured = 0;
  const candidates = await search({
    layers: Object.keys(layers), scheme: plain, maxDrop, floatAccuracy: 0.9,
    quantize: async (scheme) => scheme as unknown as IntGraph,
    async measure(graph) {
      const own = (graph as unknown as Scheme).layers, bits = (name: string): number => own[name].bits!;
      const sum = (value: (name: string) => number): number => Object.keys(layers).reduce((total, name) => total + value(name), 0);
      return { accuracy: 0.9 - sum((name) => layers[name].loss[bits(name)]), flashBytes: sum((name) => (layers[name].weights * bits(name)) / 8) };
    },
    onMeasure: () => measured++,
  });
  return { candidates, measured };
};
const result = (candidates: Candidate[]): Candidate => candidates.filter((c) => c.kept).at(-1)!;

test('layers are narrowed as far as the budget goes, and no further', async () => {
  const { candidates, measured } = await run(0.005), best = result(candidates);
  assert.equal(best.bits, { large: 4, touchy: 8, small: 2 });
  assert.ok(0.9 - best.accuracy <= 0.005);
  assert.is(measured, 1 + 6 + (candidates.length - 1));
  assert.equal(result((await run(0.05)).candidates).bits, { large: 2, touchy: 8, small: 2 });
  assert.equal(result((await run(1)).candidates).bits, { large: 2, touchy: 2, small: 2 });
});

test('without a budget everything stays int8, and so it does where int8 is beyond the budget already', async () => {
  assert.equal(result((await run(0)).candidates).bits, { large: 8, touchy: 8, small: 8 });
  assert.equal(result((await run(-1)).candidates).bits, { large: 8, touchy: 8, small: 8 });
});

test('the Pareto front holds what nothing else beats', async () => {
  const { candidates } = await run(0.05), front = pareto(candidates);
  assert.ok(front.includes(result(candidates)));
  for (const a of candidates) assert.is(front.includes(a), !candidates.some((b) => b.flashBytes <= a.flashBytes && b.accuracy >= a.accuracy && (b.flashBytes < a.flashBytes || b.accuracy > a.accuracy)));
});

test.run();
