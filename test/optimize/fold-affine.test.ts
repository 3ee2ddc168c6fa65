import { test } from 'uvu';
import { affineAlone, foldAffine } from '../../host/optimize/fold-affine';
import { conv, norm, type Build } from '../support/onnx';
import { becomes } from '../support/passes';

const VECTOR = [1, 5];

const folds = (title: string, build: Build, operators: string[], shape?: number[]): void =>
  test(title, () => becomes((graph) => affineAlone(foldAffine(graph)), build, operators, shape));

const convolved: Build = (b) => conv(b, 'x', 3, 4, {}, [2, 3]);

// Into every layer with weights.
folds('into a convolution', (b) => norm(b, convolved(b), 4), ['conv2d']);
folds('into a depthwise convolution', (b) => norm(b, conv(b, 'x', 3, 6, {}, [2, 3], 3), 6), [
  'depthwiseConv2d',
]);
folds(
  'into a fully connected layer',
  (b) => norm(b, b.node('Gemm', ['x', b.floats([5, 4])]), 4),
  ['fullyConnected'],
  VECTOR,
);
folds(
  'a bias of its own, into a fully connected layer',
  (b) => b.node('Add', [b.node('MatMul', ['x', b.floats([5, 4])]), b.floats([4])]),
  ['fullyConnected'],
  VECTOR,
);
folds('two in a row', (b) => norm(b, norm(b, convolved(b), 4), 4), ['conv2d']);

// Into a layer behind it.
folds('into a convolution behind', (b) => conv(b, norm(b, 'x', 3), 3, 4, {}, [2, 3]), ['conv2d']);
folds('into a depthwise convolution behind', (b) => conv(b, norm(b, 'x', 3), 3, 6, {}, [2, 3], 3), [
  'depthwiseConv2d',
]);
folds(
  'into a fully connected layer behind',
  (b) => b.node('Gemm', [norm(b, 'x', 5), b.floats([5, 4])]),
  ['fullyConnected'],
  VECTOR,
);
folds(
  'a factor alone, into a convolution that pads',
  (b) => conv(b, b.node('Mul', ['x', b.floats([3, 1, 1])]), 3, 4, { pads: [1, 1, 1, 1] }, [3, 3]),
  ['conv2d'],
);
folds(
  'not into a convolution that pads with zeros',
  (b) => conv(b, norm(b, 'x', 3), 3, 4, { pads: [1, 1, 1, 1] }, [3, 3]),
  ['depthwiseConv2d', 'conv2d'],
);
folds('one for all channels is a table', (b) => b.node('Mul', ['x', b.float(2)]), ['lookup']);

folds(
  'subtracted and divided by, it is one',
  (b) => b.node('Div', [b.node('Sub', ['x', b.floats([3, 1, 1])]), b.floats([3, 1, 1], [1, 2, 3])]),
  ['depthwiseConv2d'],
);

// Where it cannot, it becomes a depthwise convolution.
folds('not at the input', (b) => norm(b, 'x', 3), ['depthwiseConv2d']);
folds('not behind a pooling', (b) => norm(b, b.node('GlobalMaxPool', [convolved(b)]), 4), [
  'conv2d',
  'maxPool2d',
  'depthwiseConv2d',
]);
folds('not behind an activation', (b) => norm(b, b.node('Relu', [convolved(b)]), 4), [
  'conv2d',
  'activation/relu',
  'depthwiseConv2d',
]);
folds(
  'not where the layer is read by another too',
  (b) => {
    const x = convolved(b);
    return b.node('Add', [x, norm(b, x, 4)]);
  },
  ['conv2d', 'depthwiseConv2d', 'add'],
);
folds(
  'a vector is an image of one pixel',
  (b) => norm(b, 'x', 5),
  ['reshape', 'depthwiseConv2d', 'reshape'],
  VECTOR,
);

test.run();
