import { Matrix, inverse, solve as solved } from 'ml-matrix';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  inverseFactor,
  inverseOf,
  restricted,
  secondMoments,
  solve,
} from '../../host/quantize/least-squares';
import type { Moments } from '../../host/quantize/statistics';
import { Random } from '../support/random';

// The library that all of this is compared with has the same algebra, by other algorithms.

/** Inputs of a layer, a row each; related ones, so that their second moments are far from a diagonal. */
function inputs(random: Random, n: number, count: number): Matrix {
  const own = Matrix.from1DArray(count, n, random.reals(count * n)),
    mixed = Matrix.from1DArray(n, n, random.reals(n * n));
  return Matrix.add(own.mmul(mixed), 0.3);
}

/** What is gathered of them: sums, and products above the diagonal. */
function momentsOf(x: Matrix): Moments {
  const n = x.columns,
    products = x.transpose().mmul(x);
  return {
    n,
    count: x.rows,
    sums: Float64Array.from(x.sum('column')),
    products: Float64Array.from({ length: n * n }, (_, i) =>
      i % n < Math.floor(i / n) ? 0 : products.get(Math.floor(i / n), i % n),
    ),
  };
}

const matrix = (values: Float64Array, n: number): Matrix =>
  Matrix.from1DArray(n, values.length / n, Array.from(values));

function near(got: Matrix, wanted: Matrix, tolerance = 1e-9): void {
  assert.equal([got.rows, got.columns], [wanted.rows, wanted.columns]);
  const difference = Matrix.sub(got, wanted).abs().max() / wanted.clone().abs().max();
  assert.ok(difference < tolerance, `differs by ${difference}`);
}

const sizes = [1, 2, 3, 9, 40];

test('second moments are those of the inputs, with a hundredth of their mean more on the diagonal', () => {
  const random = new Random(1);
  for (const n of sizes)
    for (const centred of [false, true]) {
      const x = inputs(random, n, 3 * n + 5),
        around = centred ? Matrix.sub(x, Matrix.ones(x.rows, 1).mmul(Matrix.rowVector(x.mean('column')))) : x,
        plain = around.transpose().mmul(around).div(x.rows),
        wanted = Matrix.add(plain, Matrix.eye(n, n).mul((0.01 * plain.trace()) / n));
      near(matrix(secondMoments(momentsOf(x), centred), n), wanted);
    }
});

test('inputs that are always zero have moments that can be inverted', () => {
  const h = secondMoments(momentsOf(Matrix.zeros(4, 3)), true);
  near(matrix(h, 3), Matrix.eye(3, 3));
});

test('the factor is an upper triangle whose square is the inverse', () => {
  const random = new Random(2);
  for (const n of sizes) {
    const h = secondMoments(momentsOf(inputs(random, n, 3 * n)), false),
      wanted = inverse(matrix(h, n)),
      u = inverseFactor(h.slice(), n),
      factor = matrix(u, n);
    for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) assert.is(factor.get(i, j), 0);
    near(factor.transpose().mmul(factor), wanted);
    near(matrix(inverseOf(u, n), n), wanted);
  }
});

test('only the upper triangle is read', () => {
  const h = secondMoments(momentsOf(inputs(new Random(3), 5, 20)), false),
    upper = h.map((v, i) => (i % 5 < Math.floor(i / 5) ? NaN : v));
  assert.equal(inverseFactor(upper, 5), inverseFactor(h, 5));
});

test('linear equations are solved', () => {
  const random = new Random(4);
  for (const n of sizes) {
    const h = secondMoments(momentsOf(inputs(random, n, 2 * n)), true),
      b = Float64Array.from(random.reals(n)),
      wanted = solved(matrix(h, n), Matrix.columnVector(Array.from(b)));
    near(Matrix.columnVector(Array.from(solve(inverseFactor(h.slice(), n), n, b))), wanted);
  }
});

test('fewer inputs than values, whose moments without damping have no inverse', () => {
  const random = new Random(5),
    n = 20,
    h = secondMoments(momentsOf(inputs(random, n, 3)), true);
  near(matrix(inverseOf(inverseFactor(h.slice(), n), n), n), inverse(matrix(h, n)), 1e-6);
});

test('a part of the inputs has a part of the moments', () => {
  const n = 7,
    h = secondMoments(momentsOf(inputs(new Random(6), n, 30)), false),
    kept = [6, 0, 3];
  near(matrix(restricted(h, n, kept), 3), matrix(h, n).selection(kept, kept), 1e-15);
});

test('the weights that fit other inputs best are those of least squares', () => {
  // A layer's output over its float inputs, fitted to the inputs it has once those before it are quantized.
  const random = new Random(7),
    n = 6,
    count = 400,
    x = inputs(random, n, count),
    noisy = Matrix.add(x, Matrix.from1DArray(count, n, random.reals(count * n, 0.2))),
    target = x.mmul(Matrix.columnVector(Array.from(random.reals(n)))),
    wanted = solved(noisy, target, true);
  const products = Float64Array.from(noisy.transpose().mmul(noisy).to1DArray()),
    right = Float64Array.from(noisy.transpose().mmul(target).to1DArray());
  near(Matrix.columnVector(Array.from(solve(inverseFactor(products, n), n, right))), wanted, 1e-8);
});

test.run();
