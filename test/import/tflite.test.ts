import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { importTflite } from '../../host/import/tflite/import';
import { crc32, hex } from '../../src/checksum';
import { operators } from '../../src/operators';
import { refusal } from '../support/refusal';
import { TfliteBuilder, type TensorSpec } from '../support/tflite-builder';
import { golden } from '../support/tflite-golden';
import { build, models } from '../support/tflite-models';
import { outputsOf } from '../support/tflite-vectors';

// What TensorFlow Lite Micro itself computes for the same files.
for (const title of Object.keys(models)) {
  test(`${title}: TensorFlow Lite Micro's outputs`, () => {
    const { bytes, inputs } = build(title),
      outputs = outputsOf(bytes, inputs);
    assert.equal(
      outputs.map((o) => hex(crc32(o, 0, o.length))),
      golden[title],
    );
    assert.ok(new Set(outputs.flatMap((o) => [...o])).size >= 5, 'outputs that hardly vary prove little');
  });
}

test('between them these models reach every operator of the device', () => {
  const files = Object.keys(models).map((title) => packGraph(importTflite(build(title).bytes, title))),
    reached = new Set(files.flatMap(({ lowered }) => lowered.nodes.map(({ operator }) => operator)));
  // Weights that are mostly zero make a layer sparse, whatever the format.
  const missing = operators.filter(({ name }) => !reached.has(name) && !name.startsWith('sparse'));
  assert.equal(missing, []);
});

/** An int8 tensor. */
const int8 = (shape: number[], scale = 0.1): TensorSpec => ({ shape, scale });

/** What is said of a model of one input. @param make builds on it, and returns the output */
function refusalOf(make: (b: TfliteBuilder, x: number) => number): string {
  const b = new TfliteBuilder(),
    x = b.tensor(int8([1, 4, 4, 2])),
    y = make(b, x);
  return refusal(() => importTflite(b.finish([x], [y]), 'test'));
}

test('an output whose zero point is none is refused by its name', () => {
  const message = refusalOf((b, x) =>
    b.operator('RELU', [x], b.tensor({ ...int8([1, 4, 4, 2]), zeroPoint: 2 ** 31 - 1, name: 'y' })),
  );
  assert.match(message, /tensor y has scale 0\.1\d* and zero point 2147483647/);
});

test('a refusal names every operator with its position, shapes and types, and what to do', () => {
  const message = refusalOf((b, x) => {
    const y = b.operator('SIN', [x], b.tensor(int8([1, 4, 4, 2]))),
      z = b.operator('RELU', [y], b.tensor(int8([1, 4, 4, 2]))),
      weights = b.tensor({ ...int8([3, 1, 1, 1]), data: new Int8Array(3) });
    return b.operator('CONV_2D', [z, weights], b.tensor(int8([1, 4, 4, 3])));
  });
  assert.match(message, /^2 of 3 operators cannot be run:/);
  assert.match(
    message,
    /operator 0 SIN \(int8\[1,4,4,2\], int8\[1,4,4,2\]\): it is not supported: replace it/,
  );
  assert.match(
    message,
    /operator 2 CONV_2D \(.*\): its filters see 1 of 2 input channels, which makes no whole groups of 3 outputs/,
  );
});

/** What cannot run is refused, and the message says why. */
function refused(title: string, why: RegExp, make: (b: TfliteBuilder, x: number) => number): void {
  test(`refused: ${title}`, () => assert.match(refusalOf(make), why));
}

refused('a tanh fused into a convolution', /TANH/, (b, x) => {
  const weights = b.tensor({ ...int8([1, 1, 1, 2]), data: new Int8Array(2) });
  return b.operator('CONV_2D', [x, weights], b.tensor(int8([1, 4, 4, 1])), {
    strideW: 1,
    strideH: 1,
    activation: 4,
  });
});
refused('joining tensors of other scales', /another scale than its output: requantize/, (b, x) =>
  b.operator('CONCATENATION', [x, x], b.tensor(int8([1, 4, 4, 4], 0.2)), { axis: 3 }),
);
refused('comparing tensors of other scales', /another scale than its output: requantize/, (b, x) =>
  b.operator('MAXIMUM', [x, x], b.tensor(int8([1, 4, 4, 2], 0.2))),
);
refused('a mean over a dimension that is not there', /axes \[4\] of \[1,4,4,2\]/, (b, x) =>
  b.operator('MEAN', [x, b.integers(4)], b.tensor(int8([1, 4, 4]))),
);
refused(
  'operands that cannot be repeated to the result',
  /shapes \[1,4,4,2\] and \[3\] do not make/,
  (b, x) =>
    b.operator('ADD', [x, b.tensor({ ...int8([3]), data: new Int8Array(3) })], b.tensor(int8([1, 4, 4, 2]))),
);
refused('a shape that depends on values', /should be a constant list of integers/, (b, x) => {
  const shape = b.tensor({ shape: [2], type: 'int32' });
  b.operator('CAST', [b.operator('RELU', [x], b.tensor(int8([1, 4, 4, 2])))], shape);
  return b.operator('STRIDED_SLICE', [x, shape, shape, shape], b.tensor(int8([1, 4, 4, 2])));
});
refused('weights that are computed', /weights/, (b, x) =>
  b.operator('FULLY_CONNECTED', [x, x], b.tensor(int8([1, 4]))),
);
refused('an output that nothing computes', /is never computed/, (b) => b.tensor(int8([1, 4])));
refused('an operator that reads what is computed later', /is not computed before it/, (b) => {
  const late = b.tensor(int8([1, 4])),
    y = b.operator('RELU', [late], b.tensor(int8([1, 4])));
  b.operator('RELU', [y], late);
  return y;
});

test.run();
