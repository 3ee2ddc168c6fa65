/** Borders, repetitions and phases of images; weights of 4 bits. */
import { SAME, VALID, image, product, type Build, type Network } from '../tflite-network';
import { pairs, type TensorSpec } from '../tflite-builder';

/** Random weights and biases, a scale for each channel. @param axis of the channels */
function weights(n: Network, shape: number[], axis: number, type: 'int8' | 'int4' = 'int8'): number[] {
  const channels = shape[axis],
    scale = Array.from({ length: channels }, (_, c) => Math.fround((20 + ((c * 37) % 100)) / 10000)),
    limit = type === 'int4' ? 7 : 127;
  const data = n.random.bytes(product(shape)).map((v) => Math.max(-limit, v % (limit + 1))),
    of: TensorSpec = { shape, type, scale, axis, data };
  const bias = Int32Array.from({ length: channels }, () => n.random.between(-2000, 2000));
  return [n.tensor(of), n.tensor({ shape: [channels], type: 'int32', data: bias })];
}

/** How a dilated convolution is spelled out, and the shapes from step to step. */
interface Phases {
  code: 'CONV_2D' | 'DEPTHWISE_CONV_2D';
  padding: number;
  kernel: number[];
  block: number[];
  pads: number[];
  crops: number[];
  /** Of the pixels of each phase, and of what the convolution makes of them. */
  phases: number[];
  made: number[];
  /** Of that as a row, where x is one: the convolution sees it as an image of one row. */
  joined?: number[];
  result: number[];
}

function spelledOut(
  n: Network,
  x: number,
  { code, padding, kernel, block, pads, crops, phases, made, joined, result }: Phases,
): number {
  let space = n.operator(
    'SPACE_TO_BATCH_ND',
    [x, n.integers(...block), n.tensor(pairs(...pads))],
    n.tensorLike(x, phases),
  );
  if (joined) space = n.reshape(space, [phases[0], 1, ...phases.slice(1)]);
  let y = n.operator(
    code,
    [space, ...weights(n, kernel, code === 'CONV_2D' ? 0 : 3)],
    n.activation(made, 0.09),
    {
      ...{ padding, strideW: 1, strideH: 1, activation: 1 },
      ...(code !== 'CONV_2D' && { depthMultiplier: kernel[3] / phases[phases.length - 1] }),
    },
  );
  if (joined) y = n.reshape(y, joined);
  return n.operator(
    'BATCH_TO_SPACE_ND',
    [y, n.integers(...block), n.tensor(pairs(...crops))],
    n.tensorLike(y, result),
  );
}

export const borders: Record<string, Build> = {
  'MIRROR_PAD of images, rows and channels': (n) => {
    const x = image(n, 4, 5, 3),
      row = n.activation([2, 6], 0.1),
      mirrored = (from: number, pads: number[], shape: number[], mode: number): number =>
        n.operator('MIRROR_PAD', [from, n.tensor(pairs(...pads))], n.tensorLike(from, shape), { mode });
    return {
      inputs: [x, row],
      outputs: [
        mirrored(x, [0, 0, 2, 3, 4, 1, 0, 0], [1, 9, 10, 3], 0),
        mirrored(x, [0, 0, 4, 0, 0, 5, 0, 0], [1, 8, 10, 3], 1),
        mirrored(x, [0, 0, 1, 0, 0, 0, 2, 1], [1, 5, 5, 6], 0),
        mirrored(row, [0, 2, 3, 0], [4, 9], 1),
        mirrored(row, [0, 0, 0, 5], [2, 11], 0),
      ],
    };
  },
  'BROADCAST_TO in front, in the middle and behind': (n) => {
    const x = n.activation([3, 1, 2], 0.1),
      to = (from: number, ...shape: number[]): number =>
        n.operator('BROADCAST_TO', [from, n.integers(...shape)], n.tensorLike(from, shape)),
      single = n.activation([1], 0.2);
    return { inputs: [x, single], outputs: [to(x, 3, 5, 2), to(x, 2, 3, 4, 2), to(single, 3, 4)] };
  },
  'PAD and TRANSPOSE of five dimensions': (n) => {
    const x = n.activation([2, 3, 4, 2, 3], 0.1),
      pads = n.tensor(pairs(1, 0, 0, 0, 2, 1, 0, 0, 0, 1));
    return {
      inputs: [x],
      outputs: [
        n.operator('PAD', [x, pads], n.tensorLike(x, [3, 3, 7, 2, 4])),
        n.operator('TRANSPOSE', [x, n.integers(4, 2, 0, 3, 1)], n.tensorLike(x, [3, 4, 2, 2, 3])),
        n.operator('TRANSPOSE', [x, n.integers(1, 0, 3, 2, 4)], n.tensorLike(x, [3, 2, 2, 4, 3])),
      ],
    };
  },
  // TensorFlow Lite Micro's kernel pads with the integer 0, TensorFlow Lite with the zero point: here it is 0.
  'SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND on their own': (n) => {
    const x = n.activation([1, 5, 7, 3], 1 / 128, 0),
      phases = n.operator(
        'SPACE_TO_BATCH_ND',
        [x, n.integers(2, 3), n.tensor(pairs(1, 0, 0, 2))],
        n.tensorLike(x, [6, 3, 3, 3]),
      ),
      y = n.operator('RELU', [phases], n.like(phases));
    return {
      inputs: [x],
      outputs: [
        phases,
        n.operator(
          'BATCH_TO_SPACE_ND',
          [y, n.integers(3, 2), n.tensor(pairs(0, 2, 1, 0))],
          n.tensorLike(y, [1, 7, 5, 3]),
        ),
      ],
    };
  },
  'dilated convolutions spelled out with SPACE_TO_BATCH_ND': (n) => {
    const x = n.activation([1, 9, 10, 4], 1 / 128, 0),
      row = n.activation([1, 20, 4], 0.02, 0);
    return {
      inputs: [x, row],
      outputs: [
        // As Keras does it: all that SAME adds, then what makes whole blocks, which is cropped again.
        spelledOut(n, x, {
          ...{ code: 'CONV_2D', padding: VALID, kernel: [5, 3, 3, 4] },
          ...{ block: [2, 3], pads: [2, 3, 3, 5], crops: [0, 1, 0, 2] },
          ...{ phases: [6, 7, 6, 4], made: [6, 5, 4, 5], result: [1, 9, 10, 5] },
        }),
        spelledOut(n, x, {
          ...{ code: 'DEPTHWISE_CONV_2D', padding: SAME, kernel: [1, 3, 3, 8] },
          ...{ block: [2, 2], pads: [0, 1, 0, 0], crops: [0, 1, 0, 0] },
          ...{ phases: [4, 5, 5, 4], made: [4, 5, 5, 8], result: [1, 9, 10, 8] },
        }),
        spelledOut(n, row, {
          ...{ code: 'CONV_2D', padding: VALID, kernel: [6, 1, 3, 4] },
          ...{ block: [4], pads: [8, 0], crops: [0, 0] },
          ...{ phases: [4, 7, 4], made: [4, 1, 5, 6], joined: [4, 5, 6], result: [1, 20, 6] },
        }),
      ],
    };
  },
  'weights of 4 bits': (n) => {
    const x = image(n, 6, 5, 3),
      strides = { padding: SAME, strideW: 1, strideH: 1, activation: 1 },
      y = n.operator(
        'CONV_2D',
        [x, ...weights(n, [7, 3, 3, 3], 0, 'int4')],
        n.activation([1, 6, 5, 7], 0.005),
        strides,
      ),
      z = n.operator(
        'DEPTHWISE_CONV_2D',
        [y, ...weights(n, [1, 3, 3, 7], 3, 'int4')],
        n.activation([1, 6, 5, 7], 0.0006),
        { ...strides, depthMultiplier: 1 },
      ),
      dense = n.tensor({
        shape: [9, 210],
        type: 'int4',
        scale: 0.01,
        data: n.random.bytes(1890).map((v) => v >> 5),
      });
    return {
      inputs: [x],
      outputs: [
        y,
        z,
        n.operator('FULLY_CONNECTED', [n.reshape(z, [1, 210]), dense, -1], n.activation([1, 9], 0.002)),
      ],
    };
  },
  'a convolution whose dead channels have scales of almost nothing': (n) => {
    const x = image(n, 5, 5, 2),
      scale = [0.01, 1e-22, 0.02, 4e-22].map(Math.fround),
      w = n.tensor({ shape: [4, 3, 3, 2], scale, data: n.random.bytes(72, -127) }),
      bias = n.tensor({ shape: [4], type: 'int32', data: Int32Array.of(900, -2147483647, -400, 2147483647) });
    return {
      inputs: [x],
      outputs: [
        n.operator('CONV_2D', [x, w, bias], n.activation([1, 5, 5, 4], 0.02), {
          ...{ padding: SAME, strideW: 1, strideH: 1, activation: 0 },
        }),
      ],
    };
  },
};
