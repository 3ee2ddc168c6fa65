import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importOnnx } from '../../host/import/onnx/import';
import { dropUnused } from '../../host/optimize/drop-unused';
import { optimize } from '../../host/optimize/passes';
import { conv, flat, model, norm } from '../support/onnx';
import { becomes } from '../support/passes';

test('operators and tensors that no output needs are dropped', () => {
  const graph = importOnnx(
      model((b) => b.node('Relu', [conv(b, 'x')])),
      '',
    ),
    [layer] = graph.nodes;
  const dropped = dropUnused({ ...graph, outputs: [layer.output] });
  assert.equal(dropped.nodes, [layer]);
  assert.equal([...dropped.tensors.keys()], ['x', layer.output]);
});

test('all passes together: a layer of a usual network is one operator', () =>
  becomes(
    optimize,
    (b) => {
      const padded = b.node('Pad', [b.node('Identity', ['x']), [0, 0, 1, 2, 0, 0, 0, 0]]),
        first = b.node('Clip', [norm(b, conv(b, padded, 3, 4, {}, [2, 3]), 4), b.float(0), b.float(6)]),
        again = b.node('Dropout', [b.node('Pad', [first, [0, 0, 1, 1, 0, 0, 0, 1]])]),
        second = b.node('Relu', [norm(b, conv(b, again, 4, 4, {}, [2, 3], 4), 4)]),
        sum = b.node('Relu', [b.node('Add', [first, second])]);
      return b.node('Gemm', [flat(b, b.node('GlobalAveragePool', [sum])), b.floats([4, 2])]);
    },
    ['conv2d/relu6', 'depthwiseConv2d/relu', 'add/relu', 'averagePool2d', 'reshape', 'fullyConnected'],
  ));

test.run();
