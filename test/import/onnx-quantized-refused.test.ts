import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { FlintError } from '../../src/error';
import { IMAGE, refusal } from '../support/onnx';
import { OnnxBuilder } from '../support/onnx-builder';
import { imported } from '../support/onnx-quantized';
import { conv, over, pair, qdq, unit } from '../support/qdq-builder';

const q = unit('UINT8');

function model(build: (b: OnnxBuilder, x: string) => string, opset = 13): Uint8Array {
  const b = new OnnxBuilder(IMAGE, opset);
  return b.finish(build(b, b.node('QuantizeLinear', ['x', ...pair(b, q)])));
}

const refused = (name: string, build: (b: OnnxBuilder, x: string) => string, why: RegExp): void =>
  test(name, () => assert.match(refusal(model(build)), why));

for (const op of ['ConvInteger', 'MatMulInteger'])
  refused(`${op}`, (b, x) => b.node(op, [x, b.typed('INT8', [4, 3, 1, 1])]), /use quantize_static/);
refused(
  'integers read with another scale than theirs',
  (b, x) => b.node('DequantizeLinear', [x, ...pair(b, over('UINT8', 0, 2))]),
  /node 1 DequantizeLinear_.*it reads integers of scale 0.0078.* and zero point -128, which are of 0.0039/,
);
refused(
  'integers joined as if they had one scale',
  (b, x) =>
    b.node('Concat', [x, b.node('QuantizeLinear', ['x', ...pair(b, over('UINT8', 0, 2))])], { axis: 1 }),
  /Concat .*it joins integers of different scales as if they had one/,
);
refused(
  'arithmetic with integers',
  (b, x) => b.node('Relu', [x]),
  /Relu .*it computes with integers: put DequantizeLinear in front of it, QuantizeLinear behind it/,
);
refused(
  'floats that are read as integers',
  (b) => b.node('DequantizeLinear', ['x', ...pair(b, q)]),
  /its input x holds no integers/,
);
refused(
  'a scale for each channel of activations',
  (b) => b.node('QuantizeLinear', ['x', b.floats([3], [0.1, 0.1, 0.2]), b.typed('INT8', [3], [0, 0, 0])]),
  /it has 3 scales: activations need one scale and zero point/,
);
refused(
  'a scale that is not positive',
  (b) => b.node('QuantizeLinear', ['x', b.float(0), b.typed('INT8', [], [0])]),
  /its scale is 0: it must be positive/,
);
refused(
  'activations of 32 bits',
  (b) => b.node('QuantizeLinear', ['x', b.float(0.01), b.typed('INT32', [], [0])]),
  /it makes integers of 32 bits: quantize activations and weights to 8 bits/,
);
refused(
  'activations of 16 bits',
  (b) => b.node('QuantizeLinear', ['x', b.float(0.01), b.typed('INT16', [], [0])]),
  /it makes integers of 16 bits/,
);
refused(
  'images with their channels last',
  (b, x) =>
    b.node('com.microsoft.QLinearGlobalAveragePool', [x, ...pair(b, q), ...pair(b, q)], { channels_last: 1 }),
  /it takes images with their channels last: export it without/,
);
refused(
  'scales that do not fit their weights',
  (b, x) => {
    const w = [
        b.typed('INT8', [4, 3, 1, 1]),
        b.floats([3], [0.1, 0.1, 0.1]),
        b.typed('INT8', [3], [0, 0, 0]),
      ],
      real = b.node('DequantizeLinear', [x, ...pair(b, q)]);
    return b.node('Conv', [real, b.node('DequantizeLinear', w, { axis: 0 })]);
  },
  /it has 3 scales along axis 0 of \[4,3,1,1\]/,
);

test('an operator whose input is refused is not judged', () => {
  const message = refusal(
    model((b, x) => b.node('MaxPool', [b.node('Relu', [x])], { kernel_shape: [2, 2] })),
  );
  assert.match(message, /^1 of 3 nodes cannot run/);
});

test('layers in float among quantized ones are named, with what to do', async () => {
  const bytes = model((b, x) => {
    const real = b.node('DequantizeLinear', [x, ...pair(b, q)]),
      first = b.node('Tanh', [conv(b, real, 3, 4)]);
    return qdq(b, conv(b, b.node('Sigmoid', [conv(b, first, 4, 4)]), 4, 4), over('UINT8', -2, 2));
  });
  try {
    await imported(bytes);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, FlintError);
    const [title, first, second, advice] = (error as Error).message.split('\n');
    assert.match(title, /operators among quantized ones are left in float/);
    assert.match(first, /^ {2}Conv_\d+ \(conv2d\)$/);
    assert.match(second, /^ {2}Conv_\d+ \(conv2d\)$/);
    assert.match(advice, /quantize them too .* or give calibration images/);
  }
});

test.run();
