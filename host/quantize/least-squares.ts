/**
 * The error that changed weights make in a layer's output is e H e, H the second moments of its inputs: what
 * follows from that.
 */
import type { Moments } from './statistics';

/** Added to the diagonal, as a share of its mean, so that H can be inverted. */
const DAMPING = 0.01;

/**
 * H: the mean of all products of two inputs, damped. Centred, where the bias takes up the mean of the error.
 * @returns n x n, row by row; the lower triangle is filled too
 */
export function secondMoments({ n, count, sums, products }: Moments, centred: boolean): Float64Array {
  const h = new Float64Array(n * n);
  let trace = 0;
  for (let i = 0; i < n; i++) {
    for (let j = i; j < n; j++)
      h[i * n + j] = h[j * n + i] =
        products[i * n + j] / count - (centred ? (sums[i] / count) * (sums[j] / count) : 0);
    trace += h[i * n + i];
  }
  const damping = (DAMPING * trace) / n || 1;
  for (let i = 0; i < n; i++) h[i * n + i] += damping;
  return h;
}

/** The rows and columns of H that belong to some inputs. */
export function restricted(h: Float64Array, n: number, to: ArrayLike<number>): Float64Array {
  const m = to.length,
    part = new Float64Array(m * m);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) part[i * m + j] = h[to[i] * n + to[j]];
  return part;
}

/**
 * The upper triangular U of inverse(H) = transpose(U) U, from H = V transpose(V) with V upper triangular: U =
 * inverse(V).
 * @param h n x n; its upper triangle is overwritten
 */
export function inverseFactor(h: Float64Array, n: number): Float64Array {
  const column = new Float64Array(n);
  for (let j = n - 1; j >= 0; j--) {
    const d = Math.sqrt(h[j * n + j]);
    h[j * n + j] = d;
    for (let i = 0; i < j; i++) column[i] = h[i * n + j] /= d;
    for (let i = 0; i < j; i++) {
      const f = column[i];
      if (f !== 0) for (let k = i, p = i * n + i; k < j; k++, p++) h[p] -= f * column[k];
    }
  }
  // Back substitution, a row of the inverse at a time.
  const u = new Float64Array(n * n);
  for (let i = n - 1; i >= 0; i--) {
    const d = 1 / h[i * n + i];
    u[i * n + i] = d;
    for (let k = i + 1; k < n; k++) {
      const f = h[i * n + k] * d;
      if (f !== 0) for (let j = k; j < n; j++) u[i * n + j] -= f * u[k * n + j];
    }
  }
  return u;
}

/** inverse(H) out of its factor, all n x n of it. */
export function inverseOf(u: Float64Array, n: number): Float64Array {
  const inverse = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k <= i; k++) {
      const f = u[k * n + i];
      if (f !== 0) for (let j = i, p = i * n + i, q = k * n + i; j < n; j++, p++, q++) inverse[p] += f * u[q];
    }
    for (let j = i + 1; j < n; j++) inverse[j * n + i] = inverse[i * n + j];
  }
  return inverse;
}

/** inverse(H) b. @param u the inverse's factor */
export function solve(u: Float64Array, n: number, b: Float64Array): Float64Array {
  const half = new Float64Array(n),
    x = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) half[i] += u[i * n + j] * b[j];
  for (let i = 0; i < n; i++) for (let j = i; j < n; j++) x[j] += u[i * n + j] * half[i];
  return x;
}
