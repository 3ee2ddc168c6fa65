/**
 * What it costs to set a layer's weights to zero, and what its other weights become so that its output
 * changes least. With the inputs' second moments both are known in closed form (Optimal Brain Surgeon,
 * Hassibi and Stork, 1993; layer by layer, Frantar and Alistarh, 2022); without them the smallest weights go,
 * and the others stay as they are.
 */
import type { FloatParameters } from '../graph';
import { inverseFactor, inverseOf, restricted, secondMoments, solve } from './least-squares';
import { momentsAt, rowsOf, type FloatLayer, type Moments } from './statistics';

/** Taps of a channel up to which each removed weight's effect on all others is followed. */
const MANY_TAPS = 640;

/**
 * The order in which a channel's weights go, and how far each removal moves its output, squared: the least
 * first, those left corrected each time.
 * @param inverse of H; overwritten
 */
function surgeon(row: Float64Array, inverse: Float64Array): { tap: number; loss: number }[] {
  const n = row.length,
    active = Int32Array.from({ length: n }, (_, i) => i),
    result: { tap: number; loss: number }[] = [];
  for (let count = n; count > 0;) {
    let at = 0,
      least = Infinity;
    for (let a = 0; a < count; a++) {
      const i = active[a],
        loss = row[i] ** 2 / inverse[i * n + i];
      if (loss < least) ((least = loss), (at = a));
    }
    const p = active[at],
      d = inverse[p * n + p],
      f = row[p] / d,
      from = p * n;
    result.push({ tap: p, loss: least });
    active[at] = active[--count];
    for (let a = 0; a < count; a++) {
      const begin = active[a] * n,
        g = inverse[begin + p] / d;
      row[active[a]] -= f * inverse[begin + p];
      if (g !== 0)
        for (let b = 0; b < count; b++) inverse[begin + active[b]] -= g * inverse[from + active[b]];
    }
  }
  return result;
}

/**
 * What each weight's removal costs: how far it moves the layer's output, squared, or its own square where
 * nothing is known about the inputs. Costs never fall along a channel: what goes later costs at least as
 * much.
 * @returns one for each weight, in their order
 */
export function costsOf(node: FloatLayer, centred: boolean, statistics?: Moments[]): Float64Array {
  const costs = new Float64Array(node.parameters.weights.length),
    inverses = new Map<number, Float64Array>();
  rowsOf(node).forEach((row, c) => {
    const which = momentsAt(node, c),
      m = statistics?.[which],
      n = row.length;
    if (!m?.count) return row.forEach((w, k) => (costs[c * n + k] = w * w));
    if (!inverses.has(which)) inverses.set(which, inverseOf(inverseFactor(secondMoments(m, centred), n), n));
    const inverse = inverses.get(which)!;
    if (n > MANY_TAPS) return row.forEach((w, k) => (costs[c * n + k] = (w * w) / inverse[k * n + k]));
    let worst = 0;
    for (const { tap, loss } of surgeon(row, inverse.slice()))
      costs[c * n + tap] = worst = Math.max(worst, loss);
  });
  return costs;
}

/**
 * The layer without some weights; the others, and with centred moments the bias, make up for them where the
 * inputs' moments are known.
 * @param gone 1 for each weight that goes, in their order
 */
export function corrected(
  node: FloatLayer,
  gone: Uint8Array,
  centred: boolean,
  statistics?: Moments[],
): FloatParameters {
  const weights = node.parameters.weights.map((w, i) => (gone[i] ? 0 : w)),
    bias = node.parameters.bias.slice(),
    moments = new Map<number, Float64Array>();
  rowsOf(node).forEach((row, c) => {
    const which = momentsAt(node, c),
      m = statistics?.[which],
      n = row.length;
    const kept = [...row.keys()].filter((k) => !gone[c * n + k]);
    if (!m?.count || kept.length === n) return;
    if (kept.length <= MANY_TAPS) {
      if (!moments.has(which)) moments.set(which, secondMoments(m, centred));
      const h = moments.get(which)!,
        wanted = Float64Array.from(kept, (i) => row.reduce((sum, w, j) => sum + h[i * n + j] * w, 0));
      const solved = solve(inverseFactor(restricted(h, n, kept), kept.length), kept.length, wanted);
      kept.forEach((k, i) => (weights[c * n + k] = solved[i]));
    }
    if (centred)
      bias[c] += row.reduce((sum, w, k) => sum + (w - weights[c * n + k]) * (m.sums[k] / m.count), 0);
  });
  return { ...node.parameters, weights, bias };
}
