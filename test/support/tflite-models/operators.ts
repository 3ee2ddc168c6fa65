/** Operators by themselves, in many forms. */
import { RELU, RELU6, RELU_N1_TO_1, SAME, VALID, image, type Build } from '../tflite-network';

const unary =
  (code: string, fields: Record<string, number>, out?: { scale: number; zeroPoint: number }): Build =>
  (n) => {
    const inputs = [0.003, 0.02, 0.047, 0.11, 0.6].map((scale) => n.activation([1, 256], scale));
    const outputs = inputs.map((x) =>
      n.operator(
        code,
        [x],
        out
          ? n.activation([1, 256], out.scale, out.zeroPoint)
          : code === 'RELU6'
            ? n.tensorLike(x, [1, 256])
            : n.like(x),
        fields,
      ),
    );
    return { inputs, outputs };
  };

export const operators: Record<string, Build> = {
  'PADV2, broadcast arithmetic, PRELU': (n) => {
    const x = image(n, 6, 5, 4),
      vector = (): number => n.activation([4], 0.01, n.random.between(-50, 50), n.random.bytes(4)),
      scalar = n.activation([1], 0.02, 5, Int8Array.of(77));
    const padded = n.operator(
      'PADV2',
      [
        x,
        n.integers(0, 0, 0, 1, 2, 1, 0, 0),
        n.tensor({ shape: [1], scale: Math.fround(1 / 128), zeroPoint: -3, data: Int8Array.of(40) }),
      ],
      n.tensorLike(x, [1, 7, 8, 4]),
    );
    const shaped = (code: string, inputs: number[], scale: number, activation?: number): number =>
      n.operator(
        code,
        inputs,
        n.activation([1, 7, 8, 4], scale),
        activation === undefined ? {} : { activation },
      );
    return {
      inputs: [x],
      outputs: [
        shaped('ADD', [padded, vector()], 0.011, 0),
        shaped('SUB', [padded, vector()], 0.012, RELU6),
        shaped('SUB', [vector(), padded], 0.012, 0),
        shaped('SUB', [scalar, padded], 0.02, RELU_N1_TO_1),
        shaped('MUL', [padded, vector()], 0.004, RELU),
        shaped('MUL', [padded, scalar], 0.03, 0),
        shaped('MUL', [padded, padded], 0.007, RELU6),
        shaped('ADD', [scalar, padded], 0.02, RELU),
        shaped('PRELU', [padded, n.activation([1, 1, 4], 0.01, 3, n.random.bytes(4))], 0.009),
      ],
    };
  },
  'MAXIMUM of images, vectors and single values': (n) => {
    const x = image(n, 6, 5, 4),
      larger = (...inputs: number[]): number => n.operator('MAXIMUM', inputs, n.tensorLike(x, [1, 6, 5, 4]));
    const other = n.tensorLike(x, [1, 6, 5, 4], n.random.bytes(120)),
      vector = n.tensorLike(x, [4], Int8Array.of(-128, -20, 50, 127)),
      single = n.tensorLike(x, [1], Int8Array.of(20));
    return { inputs: [x], outputs: [larger(x, other), larger(x, vector), larger(single, x)] };
  },
  LOGISTIC: unary('LOGISTIC', {}, { scale: 1 / 256, zeroPoint: -128 }),
  TANH: unary('TANH', {}, { scale: 1 / 128, zeroPoint: 0 }),
  ELU: unary('ELU', {}),
  HARD_SWISH: unary('HARD_SWISH', {}),
  ABS: unary('ABS', {}),
  LEAKY_RELU: unary('LEAKY_RELU', { alpha: 0.1 }),
  RELU: unary('RELU', {}),
  RELU6: unary('RELU6', {}),
  QUANTIZE: unary('QUANTIZE', {}),
  'functions in float between DEQUANTIZE and QUANTIZE': (n) => {
    const x = n.activation([1, 256], 0.03, 20),
      float = (): number => n.tensor({ shape: [1, 256], type: 'float32' }),
      real = n.operator('DEQUANTIZE', [x], float()),
      power = n.operator('EXP', [n.operator('NEG', [real], float())], float());
    return {
      inputs: [x],
      outputs: [power, n.operator('LOGISTIC', [real], float()), n.operator('TANH', [real], float())].map(
        (y, i) =>
          n.operator(
            'QUANTIZE',
            [y],
            n.activation([1, 256], [0.33, 1 / 255, 1 / 127][i], [-128, -128, 0][i]),
          ),
      ),
    };
  },
  'SOFTMAX of many widths and betas': (n) => {
    const inputs = [
      [3, 0.05],
      [10, 0.2],
      [100, 0.02],
      [256, 0.7],
    ].map(([width, scale]) => n.activation([2, width], scale));
    return {
      inputs,
      outputs: inputs.map((x, i) =>
        n.operator('SOFTMAX', [x], n.activation(n.shapes.get(x)!, 1 / 256, -128), {
          beta: [1, 1, 0.5, 2][i],
        }),
      ),
    };
  },
  'LOG_SOFTMAX of many widths and scales': (n) => {
    const inputs = [
      [1, 0.1],
      [3, 0.05],
      [10, 0.2],
      [100, 0.02],
      [256, 0.7],
      [40, 0.0003],
    ].map(([width, scale]) => n.activation([2, width], scale));
    return {
      inputs,
      outputs: inputs.map((x) => n.operator('LOG_SOFTMAX', [x], n.activation(n.shapes.get(x)!, 1 / 16, 127))),
    };
  },
  'pooling: overlapping, padded, with activations': (n) => {
    const x = image(n, 11, 9, 5),
      outputs: number[] = [];
    for (const code of ['MAX_POOL_2D', 'AVERAGE_POOL_2D'])
      for (const [filter, stride, padding, activation] of [
        [[3, 3], [2, 2], SAME, 0],
        [[2, 4], [1, 3], VALID, RELU],
        [[11, 9], [1, 1], VALID, RELU6],
        [[5, 3], [3, 2], SAME, RELU_N1_TO_1],
      ] as const)
        outputs.push(n.pool(code, x, [...filter], [...stride], padding, activation));
    return { inputs: [x], outputs };
  },
  'MEAN and REDUCE_MAX over height and width, dimensions kept or not': (n) => {
    const x = image(n, 7, 6, 5);
    return {
      inputs: [x],
      outputs: [
        n.operator('MEAN', [x, n.integers(1, 2)], n.activation([1, 1, 1, 5], 0.006), { keepDims: 1 }),
        n.operator('MEAN', [x, n.integers(-3, -2)], n.tensorLike(x, [1, 5]), { keepDims: 0 }),
        n.operator('MEAN', [x, n.integers(1)], n.activation([1, 6, 5], 0.005), { keepDims: 0 }),
        n.operator('REDUCE_MAX', [x, n.integers(2, 1)], n.tensorLike(x, [1, 1, 1, 5]), { keepDims: 1 }),
      ],
    };
  },
  'transposes of every kind': (n) => {
    const x = n.activation([2, 3, 4, 5], 0.1),
      shape = [2, 3, 4, 5];
    return {
      inputs: [x],
      outputs: [
        [3, 2, 1, 0],
        [0, 2, 3, 1],
        [1, 0, 3, 2],
        [2, 0, 1, 3],
        [0, 1, 3, 2],
      ].map((p) =>
        n.operator(
          'TRANSPOSE',
          [x, n.integers(...p)],
          n.tensorLike(
            x,
            p.map((d) => shape[d]),
          ),
        ),
      ),
    };
  },
};
