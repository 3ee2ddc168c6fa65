import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compare, compareExtremes, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { Random } from '../support/random';

interface Part {
  begin: number;
  stride: number;
  count: number;
}

function sliced(random: Random, shape: number[], parts: Part[]): CaseOf<'slice'> {
  const quantization = random.quantization(),
    [begin, stride, count] = (['begin', 'stride', 'count'] as const).map((name) =>
      parts.map((part) => part[name]),
    );
  return {
    node: { op: 'slice', name: 'sliced', inputs: ['x'], output: 'y', begin, stride, count },
    tensors: { x: { shape, quantization }, y: { shape: count, quantization } },
  };
}

/** Some elements of a dimension, in either direction. */
function partOf(random: Random, size: number): Part {
  const first = random.below(size),
    last = random.below(size),
    step = random.between(1, 3),
    stride = last < first || random.below(4) === 0 ? -step : step;
  const reach = stride > 0 ? Math.abs(last - first) : first;
  return { begin: stride > 0 ? Math.min(first, last) : first, stride, count: Math.floor(reach / step) + 1 };
}

test('slice equals the reference: tensors of every rank, strides of either sign', () => {
  const compared = compareMany('slice', 150, (random) => {
    const shape = Array.from({ length: random.between(1, 4) }, () => random.between(1, 7));
    return sliced(
      random,
      shape,
      shape.map((size) => partOf(random, size)),
    );
  });
  assert.ok(compared.filter(({ node }) => node.stride.some((s) => s < 0)).length > 50, 'negative strides');
});

test('one value, a whole tensor, and a tensor backwards', () => {
  const random = new Random(2);
  for (const stride of [1, -1]) {
    assert.ok(compare('slice', random, sliced(random, [1], [{ begin: 0, stride, count: 1 }])));
    const whole = [2, 3, 4, 5].map((count) => ({ begin: stride > 0 ? 0 : count - 1, stride, count }));
    assert.ok(compare('slice', random, sliced(random, [2, 3, 4, 5], whole)));
  }
});

test('slice at the ends of int8', () => {
  const parts = [
    { begin: 1, stride: 1, count: 2 },
    { begin: 2, stride: -2, count: 2 },
  ];
  compareExtremes('slice', sliced(new Random(3), [4, 3], parts), [['x', 'y']]);
});

test('a damaged record is refused, or keeps to its memory', () => {
  const shape = [3, 5, 5, 6];
  for (const stride of [1, -2]) {
    const parts = shape.map((size) => ({ begin: stride > 0 ? 0 : size - 1, stride, count: 2 }));
    withstandsDamage('slice', sliced(new Random(8), shape, parts), { sameScale: true });
  }
});

test.run();
