/** One layer's weights as integers: scales, zero points, and how each weight is rounded. */
import { round } from '../operators/multiplier';
import type { WeightScheme } from '../recipe/scheme';
import { inverseFactor, restricted, secondMoments } from './least-squares';
import { momentsAt, rowsOf, type FloatLayer, type Moments } from './statistics';

/** One layer's weights as integers. */
export interface QuantizedWeights {
  /** What kernels multiply by: w - zero point, int8. */
  weights: Int8Array;
  /** One, or one per output channel. */
  scales: Float64Array;
  /**
   * The mean of the layer's output that rounding took away, per output channel: what a corrected bias adds.
   */
  lost: Float64Array;
}

/** Integers low to high, of which real = scale * q. */
interface Grid {
  scale: number;
  low: number;
  high: number;
}

/** Widths below the full one are tried down to this share of the range. */
const LEAST_SHARE = 0.3,
  SHARES = 71,
  COSTLY_SHARES = 25;

/** Taps of a channel up to which the whole rounding is tried with each grid. */
const MANY_TAPS = 1024;

function grid(
  min: number,
  max: number,
  { bits, asymmetric }: WeightScheme,
  share: number,
  least: number,
): Grid {
  if (!asymmetric) {
    const high = 2 ** (bits - 1) - 1;
    return { scale: Math.fround(Math.max((Math.max(-min, max) * share) / high, least)), low: -high, high };
  }
  const steps = 2 ** bits - 1,
    scale = Math.fround(Math.max(((Math.max(max, 0) - Math.min(min, 0)) * share) / steps, least)),
    zero = Math.max(0, Math.min(steps, round((-Math.min(min, 0) * share) / scale)));
  return { scale, low: -zero, high: steps - zero };
}

const toGrid = (w: number, g: Grid): number => Math.max(g.low, Math.min(g.high, round(w / g.scale)));

/**
 * The grid for some weights: of the whole range, or of that share of it which leaves the least error.
 * @param cost of a grid; by default the squared error of the weights
 */
function chooseGrid(
  weights: Float64Array,
  scheme: WeightScheme,
  least: number,
  cost?: (g: Grid) => number,
): Grid {
  let min = 0,
    max = 0;
  for (const w of weights) ((min = Math.min(min, w)), (max = Math.max(max, w)));
  const whole = grid(min, max, scheme, 1, least);
  if (scheme.scales === 'max') return whole;
  let best = whole,
    bestError = Infinity;
  for (let i = 0, n = cost ? COSTLY_SHARES : SHARES; i < n; i++) {
    const g = grid(min, max, scheme, 1 - (i * (1 - LEAST_SHARE)) / (n - 1), least);
    let error = cost ? cost(g) : 0;
    if (!cost) for (const w of weights) error += (w - g.scale * toGrid(w, g)) ** 2;
    if (error < bestError) ((best = g), (bestError = error));
  }
  return best;
}

/**
 * Rounds one output channel onto the grid. What `row` holds afterwards is of no use.
 * @param kept 0 where a weight is pruned
 * @returns the integers, and the squared error of the layer's output (with a factor; else of the weights)
 */
function roundRow(
  row: Float64Array,
  g: Grid,
  kept: Uint8Array | undefined,
  factor: Float64Array | undefined,
): { rounded: Int8Array; error: number } {
  const n = row.length,
    rounded = new Int8Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    const q = kept && !kept[i] ? 0 : toGrid(row[i], g);
    rounded[i] = q;
    const error = (row[i] - g.scale * q) / (factor ? factor[i * n + i] : 1);
    total += error * error;
    if (factor && error !== 0)
      for (let j = i + 1, k = i * n + j; j < n; j++, k++) row[j] -= error * factor[k];
  }
  return { rounded, error: total };
}

/** The rounding of one channel: which of its taps are rounded, and how errors are made up for. */
interface Rounding {
  taps: number[];
  factor: Float64Array | undefined;
}

/** Taps up to which a channel with zeros gets a factor of its own: that takes time with their cube. */
const OWN_FACTOR = 640;

/**
 * Weights that are exactly zero stay so: they were pruned.
 * @param inputScale of the layer's input: biases are in units of inputScale * scale and must fit 31 bits
 * @param statistics of the layer's input; needed for GPTQ rounding and for `lost`
 * @param centred whether these are of the quantized network's input and the bias makes up for all that
 * rounding does to mean outputs. The float network's are not quite what the layer will read, so that its
 * weights must keep means too: int4 then loses half as much.
 */
export function quantizeWeights(
  node: FloatLayer,
  scheme: WeightScheme,
  inputScale: number,
  statistics?: Moments[],
  centred = false,
): QuantizedWeights {
  const { weights, bias } = node.parameters,
    channels = bias.length,
    n = weights.length / channels;
  const rows = rowsOf(node),
    result = new Int8Array(weights.length),
    lost = new Float64Array(channels),
    least = (c: number): number => Math.max(Math.abs(bias[c]) / (inputScale * 2 ** 30), 1e-20);
  const common = scheme.perTensor
    ? chooseGrid(Float64Array.from(weights), scheme, Math.max(...bias.map((_, c) => least(c))))
    : undefined;
  const gptq = scheme.rounding === 'gptq' && statistics,
    second = gptq ? statistics.map((m) => (m.count ? secondMoments(m, centred) : undefined)) : [],
    whole = second.map((h) => h && inverseFactor(h.slice(), n));
  const scales = new Float64Array(common ? 1 : channels),
    all = Array.from({ length: n }, (_, k) => k);
  const roundingOf = (row: Float64Array, which: number): Rounding => {
    const h = second[which],
      taps = all.filter((k) => row[k] !== 0);
    if (!h || taps.length === n) return { taps: all, factor: whole[which] };
    return taps.length <= OWN_FACTOR
      ? { taps, factor: inverseFactor(restricted(h, n, taps), taps.length) }
      : { taps: all, factor: whole[which] };
  };
  for (let c = 0; c < channels; c++) {
    const which = momentsAt(node, c),
      row = rows[c],
      { taps, factor } = roundingOf(row, which),
      used = Float64Array.from(taps, (k) => row[k]),
      kept = taps.length === n && row.includes(0) ? Uint8Array.from(row, (w) => (w ? 1 : 0)) : undefined;
    const cost =
      factor && taps.length <= MANY_TAPS
        ? (g: Grid) => roundRow(used.slice(), g, kept, factor).error
        : undefined;
    const g =
        common ??
        chooseGrid(
          used.filter((w) => w !== 0),
          scheme,
          least(c),
          cost,
        ),
      { rounded } = roundRow(used, g, kept, factor),
      m = statistics?.[which],
      q = new Int8Array(n);
    taps.forEach((k, i) => (q[k] = rounded[i]));
    scales[common ? 0 : c] = g.scale;
    for (let k = 0; k < n; k++) {
      result[c * n + k] = q[k];
      if (m?.count) lost[c] += (row[k] - g.scale * q[k]) * (m.sums[k] / m.count);
    }
  }
  return { weights: result, scales, lost };
}
