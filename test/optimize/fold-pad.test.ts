import { test } from 'uvu';
import { foldPad } from '../../host/optimize/fold-pad';
import { conv, type Build } from '../support/onnx';
import type { OnnxBuilder } from '../support/onnx-builder';
import { becomes } from '../support/passes';

const folds = (title: string, build: Build, operators: string[]): void =>
  test(title, () => becomes(foldPad, build, operators));

const pad = (b: OnnxBuilder, pads = [0, 0, 1, 2, 0, 0, 0, 1], value = 0): string =>
    b.node('Pad', ['x', pads, b.float(value)]),
  over = (b: OnnxBuilder, x: string, channels = 3): string => conv(b, x, channels, 4, {}, [2, 3]);

folds('into a convolution', (b) => over(b, pad(b)), ['conv2d']);
folds('into a depthwise convolution', (b) => conv(b, pad(b), 3, 6, {}, [2, 3], 3), ['depthwiseConv2d']);
folds('into a convolution that pads itself', (b) => conv(b, pad(b), 3, 4, { pads: [1, 0, 0, 1] }, [2, 3]), [
  'conv2d',
]);

folds('not with another value', (b) => over(b, pad(b, undefined, 0.5)), ['pad', 'conv2d']);
folds('not of channels', (b) => over(b, pad(b, [0, 1, 0, 0, 0, 0, 0, 0]), 4), ['pad', 'conv2d']);
for (const [op, kind] of [
  ['MaxPool', 'maxPool2d'],
  ['AveragePool', 'averagePool2d'],
])
  folds(`not into ${op}, which would not count it`, (b) => b.node(op, [pad(b)], { kernel_shape: [2, 2] }), [
    'pad',
    kind,
  ]);
folds(
  'not where it is read twice',
  (b) => {
    const x = pad(b);
    return b.node('Concat', [over(b, x), over(b, x)], { axis: 1 });
  },
  ['pad', 'conv2d', 'conv2d', 'concatenation'],
);

test.run();
