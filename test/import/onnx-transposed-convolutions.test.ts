/** ConvTranspose, which the device has no operator for: one convolution computes all its phases. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { agrees, conv, model, norm, refusal, type Build } from '../support/onnx';
import type { OnnxBuilder } from '../support/onnx-builder';

type Attributes = Record<string, number | number[] | string>;

/** Of three channels to four, or to as many as `each` makes of every group. */
const transposed =
  (attributes: Attributes, kernel: number[], { group = 1, each = 4 } = {}): Build =>
  (b: OnnxBuilder) =>
    b.node('ConvTranspose', ['x', b.floats([3, each, ...kernel], undefined, 6), b.floats([each * group])], {
      group,
      ...attributes,
    });

function runs(title: string, build: Build, operators?: string[], shape?: number[]): void {
  test(title, async () => {
    const made = await agrees(model(build, shape));
    if (operators) assert.equal(made, operators);
  });
}

for (const [title, kernel, attributes] of [
  ['twice the size, of windows beside each other', [2, 2], { strides: [2, 2] }],
  [
    'twice the size, of a window of 3',
    [3, 3],
    { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
  ],
  ['twice the size, of a window of 4', [4, 4], { strides: [2, 2], pads: [1, 1, 1, 1] }],
  [
    'twice the size, of a window of 5',
    [5, 5],
    { strides: [2, 2], pads: [2, 2, 2, 2], output_padding: [1, 1] },
  ],
  ['a size that is no multiple of the stride', [3, 3], { strides: [2, 2], pads: [1, 1, 1, 1] }],
  ['without padding', [3, 3], { strides: [2, 2] }],
  ['without strides', [3, 2], {}],
  ['without strides, padded', [3, 3], { pads: [1, 1, 1, 1] }],
  ['other strides than windows', [2, 3], { strides: [3, 1] }],
  ['windows that leave pixels between them', [1, 1], { strides: [2, 2] }],
  ['padding on one side', [4, 3], { strides: [2, 2], pads: [0, 1, 3, 0] }],
  ['more padding than the window', [3, 3], { strides: [3, 3], pads: [4, 3, 1, 4] }],
  ['dilation', [3, 2], { strides: [2, 2], dilations: [2, 3], pads: [2, 1, 1, 1] }],
  ['a given size', [3, 3], { strides: [2, 2], output_shape: [14, 16] }],
  [
    'a given size, more in front',
    [4, 4],
    { strides: [2, 2], output_shape: [13, 15], auto_pad: 'SAME_LOWER' },
  ],
  ['a given size, more behind', [4, 4], { strides: [2, 2], output_shape: [13, 15], auto_pad: 'SAME_UPPER' }],
  ['padding by the runtime', [3, 3], { strides: [2, 2], auto_pad: 'SAME_UPPER' }],
] as [string, number[], Attributes][])
  runs(`ConvTranspose: ${title}`, transposed(attributes, kernel));

runs('ConvTranspose without a bias', (b) =>
  b.node('ConvTranspose', ['x', b.floats([3, 2, 2, 2])], { strides: [2, 2] }),
);
runs('ConvTranspose of each channel alone', transposed({ strides: [2, 2] }, [2, 2], { group: 3, each: 2 }));
runs(
  'ConvTranspose of a row',
  (b) => b.node('ConvTranspose', ['x', b.floats([3, 4, 4], undefined, 6)], { strides: [2], pads: [1, 1] }),
  undefined,
  [1, 3, 9],
);

// Normalization and activation go into the convolution, and the order of memory is changed once.
runs(
  'an autoencoder',
  (b) => {
    const halved = b.node('Relu', [conv(b, 'x', 3, 6, { strides: [2, 2], pads: [1, 1, 1, 1] }, [3, 3])]),
      up = b.node('ConvTranspose', [halved, b.floats([6, 4, 2, 2], undefined, 6)], { strides: [2, 2] });
    return b.node('Sigmoid', [
      conv(b, b.node('Relu', [norm(b, up, 4)]), 4, 3, { pads: [1, 1, 1, 1] }, [3, 3]),
    ]);
  },
  ['conv2d', 'conv2d', 'transpose', 'conv2d', 'lookup'],
);

for (const [title, why, build] of [
  [
    'weights for other channels',
    /do not belong to 3 input channels/,
    (b) => b.node('ConvTranspose', ['x', b.floats([2, 4, 2, 2])]),
  ],
  [
    'computed weights',
    /its weights must be a constant of floats/,
    (b) => b.node('ConvTranspose', ['x', 'x']),
  ],
  ['nothing left', /has impossible sizes/, transposed({ pads: [9, 9, 9, 9] }, [3, 3])],
] as [string, RegExp, Build][])
  test(`refused: ConvTranspose with ${title}`, () => assert.match(refusal(model(build)), why));

test.run();
