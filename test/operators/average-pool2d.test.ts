import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { network, runGraph } from '../support/network';
import { testPooling } from '../support/pooling-tests';

testPooling(test, 'averagePool2d');

test('halves are rounded away from zero', () => {
  const quantization = { scale: 1, zeroPoint: 0 },
    window = { kernel: [1, 2], stride: [1, 2], dilation: [1, 1], pads: [0, 0, 0, 0] } as never;
  const graph = network(
    { op: 'averagePool2d', name: 'pool', inputs: ['x'], output: 'y', window, activation: 'none' },
    { x: { shape: [1, 1, 8, 1], quantization }, y: { shape: [1, 1, 4, 1], quantization } },
  );
  assert.equal(
    [...runGraph(graph, [Int8Array.of(1, 2, -1, -2, 127, 126, -128, -127)]).output],
    [2, -2, 127, -128],
  );
});

test.run();
