/** One layer's weights as integers: scales, zero points, and how each weight is rounded. */
import { round } from '../multiplier';
import type { WeightScheme } from './scheme';
import type { FloatLayer, Moments } from './statistics';

export interface QuantizedWeights {
  /** What kernels multiply by: w - zero point, int8. */
  weights: Int8Array;
  /** One, or one per output channel. */
  scales: Float64Array;
  /** The mean of the layer's output that rounding took away, per output channel: what a corrected bias adds. */
  lost: Float64Array;
}

/** Integers low to high, of which real = scale * q. */
interface Grid {
  scale: number;
  low: number;
  high: number;
}

/** Widths below the full one are tried down to this share of the range. */
const LEAST_SHARE = 0.3, SHARES = 71, COSTLY_SHARES = 25;

/** Taps of a channel up to which the whole rounding is tried with each grid. */
const MANY_TAPS = 1024;

function grid(min: number, max: number, { bits, asymmetric }: WeightScheme, share: number, least: number): Grid {
  if (!asymmetric) {
    const high = 2 ** (bits - 1) - 1;
    return { scale: Math.fround(Math.max((Math.max(-min, max) * share) / high, least)), low: -high, high };
  }
  const steps = 2 ** bits - 1, scale = Math.fround(Math.max(((Math.max(max, 0) - Math.min(min, 0)) * share) / steps, least)), zero = Math.max(0, Math.min(steps, round((-Math.min(min, 0) * share) / scale)));
  return { scale, low: -zero, high: steps - zero };
}

const toGrid = (w: number, g: Grid): number => Math.max(g.low, Math.min(g.high, round(w / g.scale)));

/**
 * The grid for some weights: of the whole range, or of that share of it which leaves the least error.
 * @param cost of a grid; by default the squared error of the weights
 */
function chooseGrid(weights: Float64Array, scheme: WeightScheme, least: number, cost?: (g: Grid) => number): Grid {
  let min = 0, max = 0;
  for (const w of weights) (min = Math.min(min, w)), (max = Math.max(max, w));
  const whole = grid(min, max, scheme, 1, least);
  if (scheme.scales === 'max') return whole;
  let best = whole, bestError = Infinity;
  for (let i = 0, n = cost ? COSTLY_SHARES : SHARES; i < n; i++) {
    const g = grid(min, max, scheme, 1 - (i * (1 - LEAST_SHARE)) / (n - 1), least);
    let error = cost ? cost(g) : 0;
    if (!cost) for (const w of weights) error += (w - g.scale * toGrid(w, g)) ** 2;
    if (error < bestError) (best = g), (bestError = error);
  }
  return best;
}

/** Added to the second moments' diagonal, as a share of its mean, so that they can be inverted. */
const DAMPING = 0.01;

/**
 * The upper triangular U of inverse(H) = transpose(U) U, from H = V transpose(V) with V upper triangular: U = inverse(V).
 * @returns row by row, n x n
 */
function inverseFactor({ n, count, products }: Moments): Float64Array {
  const v = new Float64Array(n * n);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++) v[i * n + j] = products[i * n + j] / count;
    trace += v[i * n + i];
  }
  const damping = (DAMPING * trace) / n || 1;
  for (let i = 0; i < n; i++) v[i * n + i] += damping;
  for (let j = n - 1; j >= 0; j--) {
    const d = Math.sqrt(v[j * n + j]);
    v[j * n + j] = d;
    for (let i = 0; i < j; i++) v[i * n + j] /= d;
    for (let i = 0; i < j; i++) {
      const f = v[i * n + j];
      if (f !== 0) for (let k = i; k < j; k++) v[i * n + k] -= f * v[k * n + j];
    }
  }
  // Back substitution, a row of the inverse at a time.
  const u = new Float64Array(n * n);
  for (let i = n - 1; i >= 0; i--) {
    const d = 1 / v[i * n + i];
    u[i * n + i] = d;
    for (let k = i + 1; k < n; k++) {
      const f = v[i * n + k] * d;
      if (f !== 0) for (let j = k; j < n; j++) u[i * n + j] -= f * u[k * n + j];
    }
  }
  return u;
}

/**
 * Rounds one output channel onto the grid. What `row` holds afterwards is of no use.
 * @param kept 0 where a weight is pruned
 * @returns the integers, and the squared error of the layer's output (with a factor; else of the weights)
 */
function roundRow(row: Float64Array, g: Grid, kept: Uint8Array | undefined, factor: Float64Array | undefined): { rounded: Int8Array; error: number } {
  const n = row.length, rounded = new Int8Array(n);
  let total = 0;
  for (let i = 0; i < n; i++) {
    const q = kept && !kept[i] ? 0 : toGrid(row[i], g);
    rounded[i] = q;
    const error = (row[i] - g.scale * q) / (factor ? factor[i * n + i] : 1);
    total += error * error;
    if (factor && error !== 0) for (let j = i + 1, k = i * n + j; j < n; j++, k++) row[j] -= error * factor[k];
  }
  return { rounded, error: total };
}

/** Which weights stay: all but the given share of the smallest. */
function keptBySize(weights: Float32Array, sparsity: number): Uint8Array | undefined {
  if (!sparsity) return undefined;
  const order = [...weights.keys()].sort((a, b) => Math.abs(weights[a]) - Math.abs(weights[b])), kept = new Uint8Array(weights.length).fill(1);
  for (let i = 0; i < Math.floor(weights.length * sparsity); i++) kept[order[i]] = 0;
  return kept;
}

/**
 * @param inputScale of the layer's input: biases are in units of inputScale * scale and must fit 31 bits
 * @param statistics of the layer's input; needed for GPTQ rounding and for `lost`
 */
export function quantizeWeights(node: FloatLayer, scheme: WeightScheme, inputScale: number, statistics?: Moments[]): QuantizedWeights {
  const { weights, bias } = node.parameters, channels = bias.length, n = weights.length / channels;
  const place = node.op === 'depthwiseConv2d' ? (c: number, k: number) => k * channels + c : (c: number, k: number) => c * n + k;
  const rows = Array.from({ length: channels }, (_, c) => Float64Array.from({ length: n }, (_, k) => weights[place(c, k)]));
  const kept = keptBySize(weights, scheme.sparsity), result = new Int8Array(weights.length), lost = new Float64Array(channels);
  const least = (c: number): number => Math.max(Math.abs(bias[c]) / (inputScale * 2 ** 30), 1e-20);
  const common = scheme.perTensor ? chooseGrid(Float64Array.from(weights), scheme, Math.max(...bias.map((_, c) => least(c)))) : undefined;
  const factors = scheme.rounding === 'gptq' && statistics ? statistics.map((m) => (m.count ? inverseFactor(m) : undefined)) : [], scales = new Float64Array(common ? 1 : channels);
  for (let c = 0; c < channels; c++) {
    const which = node.op === 'depthwiseConv2d' ? Math.floor(c / node.multiplier) : 0, own = kept && Uint8Array.from({ length: n }, (_, k) => kept[place(c, k)]);
    const factor = factors[which], cost = factor && n <= MANY_TAPS ? (g: Grid) => roundRow(rows[c].slice(), g, own, factor).error : undefined;
    const g = common ?? chooseGrid(own ? rows[c].filter((_, k) => own[k]) : rows[c], scheme, least(c), cost), before = rows[c].slice();
    const { rounded } = roundRow(rows[c], g, own, factor), m = statistics?.[which];
    scales[common ? 0 : c] = g.scale;
    for (let k = 0; k < n; k++) {
      result[place(c, k)] = rounded[k];
      if (m?.count) lost[c] += (before[k] - g.scale * rounded[k]) * (m.sums[k] / m.count);
    }
  }
  return { weights: result, scales, lost };
}
