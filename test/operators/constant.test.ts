import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { elements } from '../../host/graph';
import { compare, compareMany, type CaseOf } from '../support/compare';
import { withstandsDamage } from '../support/damage';
import { inOut } from '../support/network';
import { Random } from '../support/random';

const constant = (
  random: Random,
  shape: number[],
  data = random.bytes(elements(shape)),
): CaseOf<'constant'> => ({
  node: { op: 'constant', name: 'constant', inputs: [], output: 'y', data },
  tensors: inOut(random, [1], shape),
});

test('constant gives the bytes of the file, for tensors of every rank', () => {
  compareMany('constant', 40, (random) =>
    constant(
      random,
      Array.from({ length: random.between(1, 4) }, () => random.between(1, 5)),
    ),
  );
});

test('constant of one value, and of every value', () => {
  const random = new Random(2);
  assert.ok(compare('constant', random, constant(random, [1])));
  assert.ok(
    compare(
      'constant',
      random,
      constant(
        random,
        [256],
        Int8Array.from({ length: 256 }, (_, i) => i - 128),
      ),
    ),
  );
});

test('a damaged record is refused, or keeps to its memory', () =>
  withstandsDamage('constant', constant(new Random(8), [2, 3])));

test.run();
