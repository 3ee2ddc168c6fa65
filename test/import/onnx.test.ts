/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importOnnx } from '../../host/import/onnx/import';
import { operators } from '../../src/operators';
import {
  agrees,
  agreesInFloat,
  agreesInInt8,
  conv,
  flat,
  gemm,
  model,
  norm,
  shared,
  type Build,
} from '../support/onnx';
import { testIf } from '../support/skip';

/** The device's operators that a network becomes, which gives what ONNX Runtime does. */
const operatorsOf = (build: Build, shape?: number[], tolerance?: number): Promise<string[]> =>
  agrees(model(build, shape), tolerance);

const around = { pads: [1, 1, 1, 1] };

test('normalization and activations are part of convolutions of every kind', async () => {
  const network: Build = (b) => {
    const x = b.node('Relu', [norm(b, conv(b, 'x', 3, 8, around, [3, 3]), 8)]),
      y = norm(b, conv(b, x, 8, 8, around, [3, 3], 8), 8);
    return b.node('Clip', [y, b.float(0), b.float(6)]);
  };
  assert.equal(await operatorsOf(network), ['conv2d', 'depthwiseConv2d']);
});

test('normalization and activations that cannot be part of others run on their own', async () => {
  const network: Build = (b) => {
    const active = b.node('Relu', [norm(b, 'x', 3)]),
      sum = b.node('Add', [conv(b, active, 3, 3, around, [3, 3]), active]);
    return b.node('MaxPool', [b.node('Relu', [b.node('Concat', [sum, active], { axis: 1 })])], {
      kernel_shape: [2, 2],
    });
  };
  assert.equal(await operatorsOf(network), [
    'depthwiseConv2d',
    'conv2d',
    'add',
    'concatenation',
    'maxPool2d',
    'maxPool2d',
  ]);
});

test('padding in front of a convolution is its own; a mean that is squeezed is a mean', async () => {
  const network: Build = (b) => {
    const padded = b.node('Pad', ['x', [0, 0, 1, 2, 0, 0, 1, 0]]),
      mean = b.node('ReduceMean', [b.node('Identity', [conv(b, padded, 3, 8, {}, [3, 3])])], {
        axes: [2, 3],
      });
    return b.node('Squeeze', [mean, [2, 3]]);
  };
  assert.equal(await operatorsOf(network), ['conv2d', 'mean']);
});

test('layers behind a flattened image', async () => {
  const network: Build = (b) => {
    const hidden = b.node('Relu', [gemm(b, flat(b, b.node('Relu', [conv(b, 'x')])), 224)]);
    return b.node('Softmax', [b.node('Add', [b.node('MatMul', [hidden, b.floats([3, 4])]), b.floats([4])])], {
      axis: 1,
    });
  };
  assert.equal(await operatorsOf(network), ['conv2d', 'fullyConnected', 'fullyConnected', 'softmax']);
});

/** Weights of which one in twenty is not zero, on either side of it. */
const thin = (size: number): number[] =>
  Array.from({ length: size }, (_, i) => (i % 20 === 7 ? ((i % 3) - 1) * 0.5 + 0.1 : 0));

test('one network of every operator of the device', async () => {
  const network: Build = (b) => {
    const wide = b.node('Conv', ['x', b.floats([16, 3, 3, 3], thin(432)), b.floats([16])], around),
      deep = conv(b, b.node('LeakyRelu', [wide]), 16, 16, {}, [3, 3], 16),
      weights = b.node('Sigmoid', [conv(b, b.node('ReduceMean', [deep], { axes: [2, 3] }), 16, 16)]),
      padded = b.node('Pad', [b.node('Mul', [deep, weights]), [0, 0, 1, 1, 0, 0, 0, 0], b.float(0.25)]),
      pooled = ['MaxPool', 'AveragePool'].map((op) =>
        b.node(op, [padded], { kernel_shape: [2, 2], strides: [2, 2] }),
      ),
      joined = b.node('PRelu', [b.node('Concat', pooled, { axis: 1 }), b.floats([32, 1, 1])]),
      part = b.node('Slice', [b.node('Transpose', [joined], { perm: [0, 1, 3, 2] }), [1], [1000], [1]]),
      large = b.node('Resize', [part, '', b.floats([4], [1, 1, 2, 1])]),
      wider = b.node('Resize', [large, '', b.floats([4], [1, 1, 1, 2])], { mode: 'linear' }),
      sum = b.node('Max', [b.node('Add', [wider, b.floats([1, 31, 6, 6])]), b.floats([31, 1, 1])]);
    const hidden = b.node('Gemm', [flat(b, sum), b.floats([1116, 40], thin(1116 * 40)), b.floats([40])]);
    const likely = b.node('Softmax', [
      b.node('Gemm', [hidden, b.floats([40, 5], undefined, 40), b.floats([5])]),
    ]);
    return b.node('LogSoftmax', [likely]);
  };
  const reached = await operatorsOf(network);
  assert.equal(
    operators.map(({ name }) => name).filter((name) => !reached.includes(name)),
    [],
  );
});

test('what no output needs is not judged', async () => {
  const network: Build = (b) => (b.node('ArgMax', ['x']), conv(b, 'x'));
  assert.equal(await operatorsOf(network), ['conv2d']);
});

test('every opset from 7 on, those to come as well', async () => {
  for (let opset = 7; opset <= 27; opset++)
    await agrees(model((b) => b.node('Relu', [conv(b, 'x')]), undefined, opset));
  assert.throws(
    () =>
      importOnnx(
        model((b) => conv(b, 'x'), undefined, 6),
        '',
      ),
    /opset 6; 7 and newer are understood/,
  );
});

for (const name of ['seed_cnn', 'seed_pruned80', 'fmnist_ds', 'fmnist_ds_bn', 'resnet8_b', 'resnet8_b_bn']) {
  const path = shared(name),
    testShared = testIf(existsSync(path), `${path} is not there`),
    bytes = (): Uint8Array => new Uint8Array(readFileSync(path));
  testShared(
    `every tensor of ${name}.onnx is ONNX Runtime's`,
    async () => void (await agreesInFloat(bytes())),
  );
  testShared(
    `${name}.onnx as int8 agrees with ONNX Runtime`,
    async () => void (await agreesInInt8(bytes(), 0.12)),
  );
}

test.run();
