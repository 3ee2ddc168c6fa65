import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { conv, model, on, refusal, type Build } from '../support/onnx';

/** What cannot run is refused, and the message says why. */
function refused(title: string, why: RegExp, build: Build, shape?: number[], opset?: number): void {
  test(`refused: ${title}`, () => assert.match(refusal(model(build, shape, opset)), why));
}

const VECTOR = [1, 5];

// Layers.
refused('strides for one dimension', /strides has 1 values; 2 are needed/, (b) =>
  conv(b, 'x', 3, 4, { strides: [2] }),
);
refused('strides that are a word', /must be a list of whole numbers/, (b) =>
  conv(b, 'x', 3, 4, { strides: 'two' }),
);
refused('an unknown auto_pad', /its auto_pad is BEST/, (b) => conv(b, 'x', 3, 4, { auto_pad: 'BEST' }));
refused('dilation with SAME_LOWER', /dilated and pads by auto_pad/, (b) =>
  conv(b, 'x', 3, 2, { auto_pad: 'SAME_LOWER', dilations: [2, 2] }, [3, 2]),
);
refused(
  'groups that do not divide the channels',
  /do not belong to 5 input channels/,
  (b) => b.node('Conv', ['x', b.floats([8, 1, 3, 3])], { group: 2 }),
  [1, 5, 6, 6],
);
refused(
  'a window larger than the image',
  /its window of 3 does not fit its padded input of 2/,
  (b) => conv(b, 'x', 3, 4, {}, [3, 3]),
  [1, 3, 2, 2],
);
refused(
  'weights of one dimension',
  /its weights have the shape \[5\]/,
  (b) => b.node('Gemm', ['x', b.floats([5])]),
  VECTOR,
);
refused('weights that are computed', /its weights must be a constant/, (b) =>
  b.node('Conv', ['x', b.node('Relu', ['x'])]),
);
refused('no outputs at all', /do not belong to 3 input channels/, (b) =>
  b.node('Conv', ['x', b.floats([0, 3, 1, 1])]),
);

/** Normalization with a given variance. */
const norm =
  (variance: number[], attributes = {}): Build =>
  (b) => {
    const others = [b.floats([3]), b.floats([3]), b.floats([3])];
    return b.node('BatchNormalization', ['x', ...others, b.floats([variance.length], variance)], attributes);
  };
refused('statistics of another length', /statistics of 3, 3, 3, 2 channels/, norm([1, 1]));
refused('a negative variance', /is not positive/, norm([1, -1, 1]));
refused(
  'normalization in training mode',
  /export the model in evaluation mode/,
  norm([1, 1, 1], { training_mode: 1 }),
  undefined,
  15,
);

refused(
  'padding as wide as the window',
  /as wide as its window/,
  on('MaxPool', { kernel_shape: [2, 2], pads: [2, 2, 2, 2] }),
);
refused(
  'a pooling window of padding alone by ceil_mode',
  /nothing but padding/,
  on('MaxPool', { kernel_shape: [3, 3], strides: [4, 4], pads: [1, 1, 1, 1], ceil_mode: 1 }),
);
refused('a computed Clip bound', /its min must be a constant/, (b) =>
  b.node('Clip', ['x', b.node('Relu', ['x'])]),
);
refused('Clip to nothing', /it clips to 7..6/, (b) => b.node('Clip', ['x', b.float(7), b.float(6)]));
refused('an axis that is not there', /it has no axis 7/, on('Softmax', { axis: 7 }));
refused('means of an axis that is not there', /it has no axis 4/, on('ReduceMean', { axes: [4] }));

// Shapes.
refused('an impossible Reshape', /it makes \[1,33.6,5\] of/, on('Reshape', {}, [1, -1, 5]));
const around = [0, 0, 1, 1, 0, 0, 1, 1];
refused('a computed Pad value', /its value must be a constant/, (b) =>
  b.node('Pad', ['x', around, b.node('GlobalMaxPool', ['x'])]),
);
refused(
  'reflecting Pad of channels',
  /pads more than height and width/,
  on('Pad', { mode: 'reflect' }, [0, 1, 0, 0, 0, 0, 0, 0]),
);
refused(
  'padding larger than any memory',
  /larger than any microcontroller's memory/,
  on('Pad', {}, [0, 0, 2 ** 40, 0, 0, 0, 0, 0]),
);
refused('an input larger than any memory', /larger than any microcontroller's memory/, on('Relu'), [
  1,
  2 ** 40,
  1,
  1,
]);

test('operators named like parts of JavaScript are not known', () => {
  const message = refusal(model((b) => b.node('toString', [b.node('constructor', ['x'])])));
  assert.match(message, /2 of 2 nodes[^]*constructor \[1,3,7,8\]: it is not supported/);
});

test('every node that cannot run is told at once, by name, type and shape, with a suggestion', () => {
  const message = refusal(
    model(
      (b) => {
        const top = b.node('ArgMax', [conv(b, 'x', 4, 4)]),
          grouped = conv(b, 'x', 4, 8, { pads: [-1, 0, 0, 0] });
        return b.node('Einsum', [b.node('Add', [top, grouped])]);
      },
      [1, 4, 6, 6],
    ),
  );
  assert.match(message, /^3 of 5 nodes cannot run on the device:/);
  assert.match(message, /node 1 ArgMax_\d+: ArgMax \[1,4,6,6\]: take it out of the model/);
  assert.match(
    message,
    /node 2 Conv_\d+: Conv \[1,4,6,6\], \[8,4,1,1\], \[8\]: its window or padding has impossible sizes/,
  );
  assert.match(message, /node 4 Einsum_\d+: Einsum \[\?\]: it is not supported/);
});

test.run();
