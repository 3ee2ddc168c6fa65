/**
 * Channels taken out of a layer's input one by one, its other weights corrected each time (Optimal Brain
 * Surgeon).
 */
import { inverseFactor, inverseOf, restricted, secondMoments } from './least-squares';
import type { FloatLayer, Moments } from './statistics';

/** The reader's weights after its channels have left one by one, what each cost, and their order. */
export interface Surgery {
  order: number[];
  losses: number[];
  weights: Float64Array;
}

/** Tap k of a reader belongs to channel k % channels: its weights are [output][...][channel]. */
const channelTaps = (n: number, channels: number, channel: number): number[] =>
  Array.from({ length: n / channels }, (_, t) => t * channels + channel);

/**
 * Takes channels out of a reader's input, one by one: each time the one without which its output changes
 * least once the other weights are corrected.
 * @param m moments of the reader's input
 * @param count of channels to take out
 */
export function cutChannels(
  reader: FloatLayer,
  channels: number,
  m: Moments,
  centred: boolean,
  count: number,
): Surgery {
  const { n } = m,
    outputs = reader.parameters.bias.length,
    weights = Float64Array.from(reader.parameters.weights),
    inverse = inverseOf(inverseFactor(secondMoments(m, centred), n), n);
  const left = new Set(Array.from({ length: channels }, (_, c) => c)),
    order: number[] = [],
    losses: number[] = [];
  while (order.length < count) {
    let best = -1,
      least = Infinity,
      middle: Float64Array = new Float64Array();
    for (const channel of left) {
      const taps = channelTaps(n, channels, channel),
        t = taps.length,
        part = restricted(inverse, n, taps),
        b = inverseOf(inverseFactor(part, t), t);
      let loss = 0;
      for (let o = 0; o < outputs; o++)
        for (let i = 0; i < t; i++) {
          const w = weights[o * n + taps[i]];
          if (w !== 0) for (let j = 0; j < t; j++) loss += w * b[i * t + j] * weights[o * n + taps[j]];
        }
      if (loss < least) ((least = loss), (best = channel), (middle = b));
    }
    const taps = channelTaps(n, channels, best),
      t = taps.length,
      rows = taps.map((k) => inverse.slice(k * n, (k + 1) * n));
    // middle * rows: what every tap of the channel takes from all others.
    const spread = taps.map((_, i) => {
      const row = new Float64Array(n);
      for (let j = 0; j < t; j++) for (let k = 0; k < n; k++) row[k] += middle[i * t + j] * rows[j][k];
      return row;
    });
    for (let o = 0; o < outputs; o++)
      for (let i = 0; i < t; i++) {
        const w = weights[o * n + taps[i]],
          from = spread[i];
        if (w !== 0) for (let k = 0, p = o * n; k < n; k++, p++) weights[p] -= w * from[k];
      }
    for (const k of taps) for (let o = 0; o < outputs; o++) weights[o * n + k] = 0;
    for (let r = 0; r < n; r++)
      for (let i = 0; i < t; i++) {
        const f = rows[i][r],
          from = spread[i];
        if (f !== 0) for (let k = 0, p = r * n; k < n; k++, p++) inverse[p] -= f * from[k];
      }
    // What is gone must not be reached again.
    for (const k of taps)
      for (let i = 0; i < n; i++) inverse[k * n + i] = inverse[i * n + k] = i === k ? 1 : 0;
    left.delete(best);
    order.push(best);
    losses.push(Math.max(least, losses[losses.length - 1] ?? 0));
  }
  return { order, losses, weights };
}
