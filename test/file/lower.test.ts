import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lower } from '../../host/file/lower';
import type { IntGraph } from '../../host/graph';
import { FlintError } from '../../src/error';

test('a network that computes nothing is refused by its name', () => {
  const quantization = { scale: 1, zeroPoint: 0 };
  const graph: IntGraph = {
    name: 'nothing',
    inputs: ['x'],
    outputs: ['y'],
    tensors: new Map([
      ['x', { shape: [1, 4], source: 'x', quantization }],
      ['y', { shape: [4], source: 'y', quantization }],
    ]),
    nodes: [{ op: 'reshape', name: 'flat', inputs: ['x'], output: 'y' }],
  };
  assert.throws(
    () => lower(graph, { rounding: 'double', aim: 'balance' }),
    (error: unknown) => error instanceof FlintError && /^nothing computes nothing/.test(error.message),
  );
});

test.run();
