/**
 * A layer's weights fitted anew: from inputs that are not the float network's, the outputs that come closest
 * to the float layer's.
 */
import type { FloatParameters } from '../graph';
import { inverseFactor, restricted, secondMoments, solve } from './least-squares';
import { momentsAt, type FloatLayer, type Moments, type Target } from './statistics';

/** Taps of a channel up to which one that lost some is fitted anew; a channel with all its taps always is. */
const MANY_TAPS = 640;

/**
 * With fewer windows than taps many weights fit them exactly, and other images badly: damping grows with what
 * is missing.
 */
const SCARCE = 32;

/**
 * @param node the layer as it is; weights that are zero stay zero
 * @param bias the float layer's
 */
export function refitted(
  node: FloatLayer,
  bias: Float32Array,
  statistics: Moments[],
  target: Target,
): FloatParameters {
  const { parameters } = node,
    weights = parameters.weights.slice(),
    outputs = bias.length,
    n = weights.length / outputs,
    known = new Map<number, { h: Float64Array; damping: number; factor?: Float64Array }>();
  const corrected = bias.map((b, c) => {
    const which = momentsAt(node, c),
      m = statistics[which],
      mean = target.sums[c] / m.count;
    if (!known.has(which)) {
      const h = secondMoments(m, true),
        own = h[0] - (m.products[0] / m.count - (m.sums[0] / m.count) ** 2),
        more = own * SCARCE * Math.max(0, n / m.count - 1);
      for (let i = 0; i < n; i++) h[i * n + i] += more;
      known.set(which, { h, damping: own + more });
    }
    const own = known.get(which)!,
      { h, damping } = own,
      taps = Array.from({ length: n }, (_, k) => k).filter((k) => weights[c * n + k] !== 0),
      whole = taps.length === n;
    if (whole || taps.length <= MANY_TAPS) {
      const factor = whole
        ? (own.factor ??= inverseFactor(h.slice(), n))
        : inverseFactor(restricted(h, n, taps), taps.length);
      // Damping pulls towards the weights there are.
      const wanted = Float64Array.from(
        taps,
        (k) =>
          target.products[c * n + k] / m.count - mean * (m.sums[k] / m.count) + damping * weights[c * n + k],
      );
      solve(factor, taps.length, wanted).forEach((w, i) => (weights[c * n + taps[i]] = w));
    }
    let given = 0;
    for (const k of taps) given += weights[c * n + k] * (m.sums[k] / m.count);
    return b + mean - given;
  });
  return { ...parameters, weights, bias: corrected };
}
