import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importOnnx } from '../../host/import/onnx/import';
import { activationAlone, fuseActivation } from '../../host/optimize/fuse-activation';
import { optimize } from '../../host/optimize/passes';
import { conv, model, type Build } from '../support/onnx';
import { becomes } from '../support/passes';

const VECTOR = [1, 5];

const fuses = (title: string, build: Build, operators: string[], shape?: number[]): void =>
  test(title, () => becomes((graph) => activationAlone(fuseActivation(graph)), build, operators, shape));

const relu =
    (build: Build): Build =>
    (b) =>
      b.node('Relu', [build(b)]),
  relu6 =
    (build: Build): Build =>
    (b) =>
      b.node('Clip', [build(b), b.float(0), b.float(6)]);

const input: Build = () => 'x',
  convolved: Build = (b) => conv(b, 'x'),
  pooled =
    (op: string): Build =>
    (b) =>
      b.node(op, ['x'], { kernel_shape: [2, 2] });

// Into whatever has a clamp.
fuses('into a convolution', relu(convolved), ['conv2d/relu']);
fuses(
  'into a depthwise convolution',
  relu6((b) => conv(b, 'x', 3, 3, {}, [2, 3], 3)),
  ['depthwiseConv2d/relu6'],
);
fuses(
  'into a fully connected layer',
  relu((b) => b.node('Gemm', ['x', b.floats([5, 4])])),
  ['fullyConnected/relu'],
  VECTOR,
);
fuses(
  'into a sum',
  relu6((b) => b.node('Add', ['x', 'x'])),
  ['add/relu6'],
);
fuses(
  'into a product',
  relu((b) => b.node('Mul', ['x', 'x'])),
  ['multiply/relu'],
);
fuses('into a maximum', relu(pooled('MaxPool')), ['maxPool2d/relu']);
fuses('into a mean of windows', relu6(pooled('AveragePool')), ['averagePool2d/relu6']);

// Where it cannot, it becomes a maximum over windows of one pixel.
fuses('not at the input', relu(input), ['maxPool2d/relu']);
fuses(
  'not behind what has no clamp',
  relu6((b) => b.node('Concat', ['x', 'x'], { axis: 1 })),
  ['concatenation', 'maxPool2d/relu6'],
);
fuses('not behind another', relu6(relu(convolved)), ['conv2d/relu', 'maxPool2d/relu6']);
fuses(
  'not where the layer is read by another too',
  (b) => {
    const x = convolved(b);
    return b.node('Add', [x, b.node('Relu', [x])]);
  },
  ['conv2d', 'maxPool2d/relu', 'add'],
);
fuses('a vector is an image of one pixel', relu(input), ['reshape', 'maxPool2d/relu', 'reshape'], VECTOR);

test('not into an output of the model', () => {
  const graph = importOnnx(model(relu(convolved)), ''),
    outputs = graph.nodes.map((node) => node.output);
  assert.equal(
    optimize({ ...graph, outputs }).nodes.map((node) => node.op),
    ['conv2d', 'maxPool2d'],
  );
});

test.run();
