/** Parts of networks that people use, as their exporters write them. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { agrees, conv, flat, gemm, model, norm, type Build } from '../support/onnx';
import type { OnnxBuilder } from '../support/onnx-builder';

/** A network agrees with ONNX Runtime, and becomes these operators of the device. */
function becomes(title: string, build: Build, operators: string[], shape?: number[]): void {
  test(title, async () => assert.equal(await agrees(model(build, shape)), operators));
}

const around = { pads: [1, 1, 1, 1] };

/** x * clip(x + 3, 0, 6) / 6 */
function hardSwish(b: OnnxBuilder, x: string): string {
  const gate = b.node('Clip', [b.node('Add', [x, b.float(3)]), b.float(0), b.float(6)]);
  return b.node('Div', [b.node('Mul', [x, gate]), b.float(6)]);
}

const silu = (b: OnnxBuilder, x: string): string => b.node('Mul', [x, b.node('Sigmoid', [x])]);

/** A weight for each channel, from the mean of all pixels. */
function squeezed(b: OnnxBuilder, x: string, channels: number, gate: (x: string) => string): string {
  const mean = b.node('GlobalAveragePool', [x]),
    few = b.node('Relu', [conv(b, mean, channels, 2)]);
  return b.node('Mul', [x, gate(conv(b, few, 2, channels))]);
}

/** A layer, a depthwise one, each with its activation; then what `squeezed` adds. */
const gatedBlock = [
  ...['conv2d', 'lookup', 'depthwiseConv2d', 'lookup'],
  ...['averagePool2d', 'conv2d', 'conv2d', 'lookup', 'multiply'],
];

becomes(
  'MobileNetV3: squeeze and excitation, hard swish',
  (b) => {
    const wide = hardSwish(b, norm(b, conv(b, 'x', 3, 8), 8)),
      deep = hardSwish(b, norm(b, conv(b, wide, 8, 8, around, [3, 3], 8), 8)),
      gated = squeezed(b, deep, 8, (x) => b.node('HardSigmoid', [x], { alpha: 1 / 6, beta: 0.5 }));
    return b.node('Add', [norm(b, conv(b, gated, 8, 3), 3), 'x']);
  },
  [...gatedBlock, 'conv2d', 'add'],
);

becomes(
  'EfficientNet: SiLU, and a sigmoid for the gate',
  (b) => {
    const wide = silu(b, norm(b, conv(b, 'x', 3, 8, around, [3, 3]), 8)),
      deep = silu(b, norm(b, conv(b, wide, 8, 8, around, [3, 3], 8), 8));
    return conv(
      b,
      squeezed(b, deep, 8, (x) => b.node('Sigmoid', [x])),
      8,
      4,
    );
  },
  [...gatedBlock, 'conv2d'],
);

becomes(
  'ShuffleNetV2: halves of the channels, joined and shuffled',
  (b) => {
    const [kept, changed] = b.nodes('Split', [conv(b, 'x', 3, 8)], 2, { axis: 1 }),
      first = b.node('Relu', [conv(b, changed, 4, 4)]),
      second = conv(b, conv(b, first, 4, 4, around, [3, 3], 4), 4, 4),
      joined = b.node('Concat', [kept, b.node('Relu', [second])], { axis: 1 }),
      apart = b.node('Reshape', [joined, [1, 2, 4, 7, 8]]),
      turned = b.node('Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
    return conv(b, b.node('Reshape', [turned, [1, 8, 7, 8]]), 8, 4);
  },
  ['conv2d', 'slice', 'slice', 'conv2d', 'depthwiseConv2d', 'conv2d', 'concatenation', 'transpose', 'conv2d'],
);

becomes(
  'YOLO: two scales, boxes and classes in rows',
  (b) => {
    const fine = silu(b, conv(b, 'x', 3, 8, around, [3, 3])),
      coarse = silu(b, conv(b, fine, 8, 8, { ...around, strides: [2, 2] }, [3, 3])),
      up = b.node('Resize', [coarse, '', b.floats([4], [1, 1, 2, 2])], {
        coordinate_transformation_mode: 'asymmetric',
        nearest_mode: 'floor',
      }),
      both = conv(b, b.node('Concat', [up, fine], { axis: 1 }), 16, 6),
      rows = [both, conv(b, coarse, 8, 6)].map((x) => b.node('Reshape', [x, [1, 6, -1]])),
      [boxes, classes] = b.nodes('Split', [b.node('Concat', rows, { axis: 2 }), [4, 2]], 2, { axis: 1 });
    return b.node('Concat', [b.node('Mul', [boxes, b.float(8)]), b.node('Sigmoid', [classes])], { axis: 1 });
  },
  [
    ...['conv2d', 'lookup', 'conv2d', 'lookup', 'resizeNearest', 'concatenation', 'conv2d', 'conv2d'],
    ...['transpose', 'transpose', 'concatenation', 'slice', 'slice'],
    ...['lookup', 'lookup', 'lookup', 'concatenation'],
  ],
  [1, 3, 8, 8],
);

becomes(
  'SPP: an image pooled by windows of several sizes',
  (b) => {
    const x = b.node('LeakyRelu', [conv(b, 'x', 3, 4)], { alpha: 0.1 }),
      pools = [3, 5].map((k) => {
        const p = (k - 1) / 2;
        return b.node('MaxPool', [x], { kernel_shape: [k, k], strides: [1, 1], pads: [p, p, p, p] });
      });
    return conv(b, b.node('Concat', [x, ...pools], { axis: 1 }), 12, 4);
  },
  ['conv2d', 'lookup', 'maxPool2d', 'maxPool2d', 'concatenation', 'conv2d'],
);

becomes(
  'CBAM: what is the same for all channels of a pixel',
  (b) => {
    const x = b.node('Relu', [conv(b, 'x', 3, 6)]),
      mean = b.node('ReduceMean', [x], { axes: [1] }),
      most = b.node('ReduceMax', [x], { axes: [1] }),
      gate = b.node('Sigmoid', [conv(b, b.node('Concat', [mean, most], { axis: 1 }), 2, 1, around, [3, 3])]);
    return conv(b, b.node('Mul', [x, gate]), 6, 4);
  },
  [
    ...['conv2d', 'averagePool2d', 'maxPool2d', 'concatenation'],
    ...['conv2d', 'lookup', 'resizeNearest', 'multiply', 'conv2d'],
  ],
);

becomes(
  'ResNeXt: groups of several channels',
  (b) => {
    const x = b.node('Relu', [conv(b, 'x', 3, 8)]),
      grouped = b.node('Relu', [norm(b, conv(b, x, 8, 8, around, [3, 3], 2), 8)]);
    return b.node('Add', [x, conv(b, grouped, 8, 8)]);
  },
  ['conv2d', 'slice', 'conv2d', 'slice', 'conv2d', 'concatenation', 'depthwiseConv2d', 'conv2d', 'add'],
);

becomes(
  'from TensorFlow: pixels scaled inside, channels last, a flattened image',
  (b) => {
    const scaled = b.node('Sub', [b.node('Mul', ['x', b.float(1 / 127.5)]), b.floats([3], [0.9, 1, 1.1])]),
      x = b.node('Relu', [conv(b, b.node('Transpose', [scaled], { perm: [0, 3, 1, 2] }), 3, 4, {}, [3, 3])]),
      back = b.node('Transpose', [x], { perm: [0, 2, 3, 1] });
    return b.node('Softmax', [gemm(b, b.node('Reshape', [back, [-1, 80]]), 80)], { axis: -1 });
  },
  ['conv2d', 'fullyConnected', 'softmax'],
  [1, 6, 7, 3],
);

test('a classifier that ends in a logarithm of its softmax', async () =>
  void (await agrees(
    model((b) => b.node('LogSoftmax', [gemm(b, flat(b, b.node('Relu', [conv(b, 'x')])), 224)], { axis: 1 })),
  )));

test.run();
