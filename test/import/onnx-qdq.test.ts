import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { OnnxBuilder } from '../support/onnx-builder';
import { qdqRuns, type Agreement, type BuildQdq as Build } from '../support/onnx-quantized';
import { bias, conv, over, qdq, weights, type Weights } from '../support/qdq-builder';

const check = (name: string, work: () => Promise<unknown>): void =>
  test(name, async () => void (await work()));

/**
 * Runs in either type as in ONNX Runtime, but for steps of one.
 * @returns the last one's agreement
 */
async function runs(build: Build, opset?: number, share?: number): Promise<Agreement> {
  await qdqRuns(build, 'INT8', opset, share);
  return qdqRuns(build, 'UINT8', opset, share);
}

/** Runs so that every output is ONNX Runtime's. */
async function equals(build: Build, opset?: number): Promise<Agreement> {
  const result = await runs(build, opset);
  assert.is(result.equal, result.total);
  return result;
}

/** A convolution with ReLU, as a scale of its own shows it. */
const layer: Build = (b, x, type) => qdq(b, b.node('Relu', [conv(b, x, 3, 4)]), over(type, 0, 2));
/** The same with negative values. */
const linear: Build = (b, x, type) => qdq(b, conv(b, x, 3, 4), over(type, -2, 2));

const kinds: Record<string, Weights> = {
  'int8, one scale': { type: 'INT8' },
  'int8, per channel': { type: 'INT8', axis: 0 },
  'int8 with a zero point': { type: 'INT8', zero: 7 },
  'uint8 around 128': { type: 'UINT8', zero: 128 },
  'uint8 around 128, per channel': { type: 'UINT8', axis: 0, zero: 128 },
  'uint8 with another zero point': { type: 'UINT8', zero: 101 },
  'uint8, all positive': { type: 'UINT8', zero: 0 },
};
for (const [name, how] of Object.entries(kinds)) {
  check(`weights of a convolution: ${name}`, async () => {
    await runs((b, x, type) => qdq(b, conv(b, x, 3, 4, how), over(type, -3, 6)));
  });
  check(`weights of a depthwise convolution: ${name}`, async () => {
    const attributes = { group: 3, strides: [2, 1], pads: [1, 0, 1, 1] };
    await runs((b, x, type) => qdq(b, conv(b, x, 3, 6, how, attributes), over(type, -3, 6)));
  });
  check(`weights of a dilated convolution: ${name}`, async () => {
    for (const dilations of [
      [2, 1],
      [1, 2],
      [2, 2],
    ])
      await runs((b, x, type) =>
        qdq(b, conv(b, x, 3, 4, how, { dilations, pads: [2, 2, 2, 2] }), over(type, -3, 6)),
      );
  });
  check(`weights of a fully connected layer: ${name}`, async () => {
    const flat: Build = (b, x, type) =>
      b.node('Flatten', [qdq(b, b.node('GlobalAveragePool', [layer(b, x, type)]), over(type, 0, 1.5))]);
    await runs((b, x, type) =>
      qdq(
        b,
        b.node('Gemm', [flat(b, x, type), weights(b, [5, 4], how, 4)], { transB: 1 }),
        over(type, -3, 6),
      ),
    );
    const last = how.axis === 0 ? { ...how, axis: 1 } : how;
    await runs((b, x, type) =>
      qdq(b, b.node('MatMul', [flat(b, x, type), weights(b, [4, 5], last, 4)]), over(type, -3, 6)),
    );
  });
}

check('scales along inputs instead of outputs', () =>
  runs((b, x, type) => qdq(b, conv(b, x, 3, 3, { type: 'INT8', axis: 1 }), over(type, -2, 2))),
);

check('weights of -128 are kept', async () => {
  const values = Array.from({ length: 4 * 27 }, (_, i) => (i % 3 ? (i % 5) * 20 : -128));
  await equals((b, x, type) => qdq(b, conv(b, x, 3, 4, { type: 'INT8', values }), over(type, -6, 3)));
});

check('weights that the model itself rounds, in front of DequantizeLinear', () =>
  runs((b, x, type) => {
    const w = qdq(b, b.floats([4, 3, 3, 3], undefined, 27), { type: 'INT8', scale: 0.0015, zero: 0 });
    return qdq(b, b.node('Conv', [x, w], { pads: [1, 1, 1, 1] }), over(type, -2, 2));
  }),
);

check('a bias of int32', () =>
  runs((b, x, type) => {
    const w = weights(b, [4, 3, 3, 3], { type: 'INT8' }, 27),
      scale = (1 / 255) * (0.01 / Math.sqrt(27));
    const node = b.node('Conv', [x, w, bias(b, [90000, -50000, 12345, 0], scale)]);
    return qdq(b, node, over(type, -1, 1.5));
  }),
);

const actives: Record<string, (b: OnnxBuilder, x: string) => string> = {
  Relu: (b, x) => b.node('Relu', [x]),
  'Clip 0..6': (b, x) => b.node('Clip', [x, b.float(0), b.float(6)]),
  'Clip -1..1': (b, x) => b.node('Clip', [x, b.float(-1), b.float(1)]),
};
for (const [name, active] of Object.entries(actives)) {
  check(`${name} between a layer and its scale is its clamp`, async () => {
    const { operators } = await runs((b, x, type) =>
      qdq(b, active(b, conv(b, x, 3, 4)), over(type, -0.5, 2)),
    );
    assert.equal(operators, ['conv2d']);
  });
  check(`${name} with a scale on either side is a table`, async () => {
    const { operators } = await runs((b, x, type) =>
      qdq(b, active(b, linear(b, x, type)), over(type, -0.7, 1.7)),
    );
    assert.equal(operators, ['conv2d', 'lookup']);
  });
}

const pools: Record<string, [string, Record<string, number | number[]>, string[]]> = {
  MaxPool: ['MaxPool', { kernel_shape: [2, 2], strides: [2, 2] }, ['maxPool2d', 'lookup']],
  'MaxPool, padded': ['MaxPool', { kernel_shape: [3, 3], pads: [1, 1, 1, 1] }, ['maxPool2d', 'lookup']],
  AveragePool: ['AveragePool', { kernel_shape: [2, 3], strides: [2, 1] }, ['depthwiseConv2d']],
  'AveragePool of everything': ['AveragePool', { kernel_shape: [7, 8] }, ['mean']],
  GlobalMaxPool: ['GlobalMaxPool', {}, ['maxPool2d', 'lookup']],
  GlobalAveragePool: ['GlobalAveragePool', {}, ['mean']],
  ReduceMean: ['ReduceMean', { axes: [2, 3] }, ['mean']],
};
for (const [name, [op, attributes, operators]] of Object.entries(pools))
  check(`${name} with a scale of its own`, async () => {
    for (const high of [0.7, 1.9, 2.4]) {
      const result = await runs((b, x, type) =>
        qdq(b, b.node(op, [layer(b, x, type)], attributes), over(type, 0, high)),
      );
      assert.equal(result.operators.slice(1), operators);
    }
  });

check('AveragePool that counts its padding', () =>
  runs((b, x, type) => {
    const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], count_include_pad: 1 };
    return qdq(b, b.node('AveragePool', [layer(b, x, type)], attributes), over(type, 0, 1.5));
  }),
);

check('AveragePool that does not', () =>
  runs((b, x, type) => {
    const attributes = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
    return qdq(b, b.node('AveragePool', [layer(b, x, type)], attributes), over(type, 0, 2.5));
  }),
);

// What moves or looks up gives the very bytes of ONNX Runtime, from the quantized input on.
const moves: Record<string, Build> = {
  MaxPool: (b, x) => b.node('MaxPool', [x], { kernel_shape: [2, 2] }),
  Pad: (b, x) => b.node('Pad', [x, [0, 0, 1, 1, 0, 0, 2, 0], b.float(0.25)]),
  Reshape: (b, x) => b.node('Reshape', [b.node('GlobalMaxPool', [x]), [1, 3]]),
  Resize: (b, x) => b.node('Resize', [x, '', b.floats([4], [1, 1, 2, 2])], { mode: 'nearest' }),
  Slice: (b, x) => b.node('Slice', [x, [1], [6], [3], [2]]),
  Split: (b, x) => b.nodes('Split', [x, [1, 2]], 2, { axis: 1 })[1],
  Transpose: (b, x) => b.node('Transpose', [x], { perm: [0, 1, 3, 2] }),
  Identity: (b, x) => b.node('Identity', [x]),
};
for (const [name, build] of Object.entries(moves)) {
  check(`${name} between two scales`, () =>
    equals((b, x, type) => qdq(b, build(b, x, type), over(type, -0.1, 0.8))),
  );
  check(`${name} of one scale`, async () => {
    await equals((b, x, type) => qdq(b, build(b, qdq(b, x, over(type, 0, 0.9)), type), over(type, 0, 0.9)));
  });
}

const functions: Record<string, [Build, number, number]> = {
  Sigmoid: [(b, x) => b.node('Sigmoid', [x]), 0, 0.9],
  Tanh: [(b, x) => b.node('Tanh', [x]), -0.97, 0.97],
  LeakyRelu: [(b, x) => b.node('LeakyRelu', [x], { alpha: 0.125 }), -0.3, 2.1],
  HardSwish: [(b, x) => b.node('HardSwish', [x]), -0.375, 1.7],
};
for (const [name, [build, low, high]] of Object.entries(functions))
  check(`${name} with a calibrated scale`, () =>
    equals(
      (b, x, type) => qdq(b, build(b, qdq(b, x, over(type, -0.4, 0.9)), type), over(type, low, high)),
      14,
    ),
  );

check('Softmax with a calibrated scale', async () => {
  for (const high of [0.9922, 1, 0.6])
    await runs(
      (b, x, type) => qdq(b, b.node('Softmax', [linear(b, x, type)], { axis: 1 }), over(type, 0, high)),
      undefined,
      0.5,
    );
});

check('two scales in a row', () =>
  equals((b, x, type) => qdq(b, qdq(b, x, over(type, -0.3, 0.9)), over(type, 0, 0.8))),
);

check('one value in two scales', async () => {
  const twice: Build = (b, x, type) => {
    const y = conv(b, x, 3, 4),
      [first, second] = [qdq(b, y, over(type, -2, 2)), qdq(b, y, over(type, -1, 1))];
    return qdq(b, b.node('Add', [first, second]), over(type, -3, 3));
  };
  await runs(twice);
});

check('Concat of parts with scales of their own', async () => {
  await equals((b, x, type) => {
    const part = qdq(b, x, over(type, -0.5, 0.7));
    return qdq(b, b.node('Concat', [x, part, x], { axis: 1 }), over(type, -0.2, 0.95));
  });
});

check('Concat that is left in float holds all of its parts', () =>
  runs((b, x, type) => {
    const parts = [layer(b, x, type), linear(b, x, type)];
    return qdq(b, conv(b, b.node('Concat', parts, { axis: 1 }), 8, 4), over(type, -4, 4));
  }),
);

check('Add, Sub and Mul of two scales', async () => {
  for (const op of ['Add', 'Sub', 'Mul'])
    await runs((b, x, type) =>
      qdq(b, b.node(op, [layer(b, x, type), linear(b, x, type)]), over(type, -4, 4)),
    );
});

check('Add and Mul of quantized constants, per channel and of other shapes', async () => {
  for (const op of ['Add', 'Mul'])
    for (const shape of [[], [1, 4, 1, 1], [4, 7, 8]])
      await runs((b, x, type) => {
        const k = b.node('DequantizeLinear', [
          b.typed(type, shape, shape.length ? undefined : [77]),
          b.float(0.01),
          b.typed(type, [], [type === 'INT8' ? -20 : 108]),
        ]);
        return qdq(b, b.node(op, [linear(b, x, type), k]), over(type, -4, 4));
      });
});

check('BatchNormalization behind a layer that has its own scale', () =>
  runs((b, x, type) => {
    const statistics = [b.floats([4]), b.floats([4]), b.floats([4]), b.floats([4], [0.5, 1, 2, 0.8])];
    return qdq(b, b.node('BatchNormalization', [linear(b, x, type), ...statistics]), over(type, -3, 3));
  }),
);

check('BatchNormalization behind a layer that has none goes into its weights', async () => {
  const { operators } = await runs((b, x, type) => {
    const statistics = [b.floats([4]), b.floats([4]), b.floats([4]), b.floats([4], [0.5, 1, 2, 0.8])];
    return qdq(b, b.node('BatchNormalization', [conv(b, x, 3, 4), ...statistics]), over(type, -3, 3));
  });
  assert.equal(operators, ['conv2d']);
});

check('SiLU: a layer times its sigmoid', () =>
  runs((b, x, type) => {
    const y = linear(b, x, type);
    return qdq(
      b,
      b.node('Mul', [y, qdq(b, b.node('Sigmoid', [y]), over(type, 0, 0.9))]),
      over(type, -0.3, 1.8),
    );
  }),
);

check('operators that are left in float between two scales are moved over', async () => {
  const { operators } = await runs((b, x, type) => {
    const pooled = b.node('GlobalMaxPool', [b.node('Tanh', [linear(b, x, type)])]);
    return qdq(b, b.node('Flatten', [pooled]), over(type, -1, 1));
  });
  assert.equal(operators, ['conv2d', 'lookup', 'maxPool2d']);
});

check('a last layer that is left in float gets a scale which holds all it can give', async () => {
  const flat: Build = (b, x, type) =>
    b.node('Flatten', [qdq(b, b.node('GlobalAveragePool', [layer(b, x, type)]), over(type, 0, 1.5))]);
  const scores: Build = (b, x, type) =>
    b.node('Gemm', [flat(b, x, type), weights(b, [4, 5], { type: 'INT8' }, 4), b.floats([5])]);
  await runs(scores);
  await runs((b, x, type) => b.node('Relu', [scores(b, x, type)]));
});

for (const op of ['Softmax', 'Sigmoid', 'Tanh'])
  check(`a last ${op} that is left in float has its natural scale`, async () => {
    await runs((b, x, type) => b.node(op, [linear(b, x, type)], op === 'Softmax' ? { axis: 1 } : {}));
  });

test.run();
