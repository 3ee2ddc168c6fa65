/** Networks of the kinds that people flash. */
import { RELU, RELU6, SAME, VALID, image, product, type Build } from '../tflite-network';

export const networks: Record<string, Build> = {
  'MobileNet: depthwise and pointwise convolutions, residual additions, global pooling': (n) => {
    const x = image(n, 24, 24, 3);
    let y = n.conv(x, 8, [3, 3], RELU6, { stride: [2, 2] });
    for (const [expand, channels, stride] of [
      [16, 8, 1],
      [24, 12, 2],
      [36, 12, 1],
    ]) {
      const z = n.conv(
        n.depthwise(n.conv(y, expand, [1, 1], RELU6), [3, 3], RELU6, { stride: [stride, stride] }),
        channels,
        [1, 1],
        0,
      );
      y = stride === 1 ? n.operator('ADD', [y, z], n.like(z), { activation: 0 }) : z;
    }
    const mean = n.operator('MEAN', [y, n.integers(1, 2)], n.activation([1, 12], n.scales.get(y)! * 0.7), {
      keepDims: 0,
    });
    const logits = n.dense(mean, 7, 0);
    return { inputs: [x], outputs: [n.softmax(logits), logits] };
  },
  'ResNet: explicit padding, strided shortcuts, fused activations of additions': (n) => {
    const x = image(n, 17, 15, 3),
      padded = n.operator('PAD', [x, n.integers(0, 0, 1, 1, 2, 0, 0, 0)], n.tensorLike(x, [1, 19, 17, 3]));
    let y = n.conv(padded, 8, [3, 3], RELU, { padding: VALID });
    for (const stride of [1, 2]) {
      const z = n.conv(
          n.conv(y, 8 * stride, [3, 3], RELU, { stride: [stride, stride] }),
          8 * stride,
          [3, 3],
          0,
        ),
        shortcut = stride === 1 ? y : n.conv(y, 16, [1, 1], 0, { stride: [2, 2] });
      y = n.operator('ADD', [z, shortcut], n.like(z), { activation: RELU });
    }
    const pooled = n.pool('AVERAGE_POOL_2D', y, [8, 7]);
    return { inputs: [x], outputs: [n.dense(n.reshape(pooled, [1, product(n.shapes.get(pooled)!)]), 10, 0)] };
  },
  'dense autoencoder': (n) => {
    const x = n.activation([1, 64], 0.05);
    let y = x;
    for (const width of [24, 24, 8, 24]) y = n.dense(y, width);
    return { inputs: [x], outputs: [n.dense(y, 64, 0)] };
  },
  'keyword spotting: one channel, tall windows, depth multiplier': (n) => {
    const x = n.activation([1, 490], 0.6),
      y = n.depthwise(n.reshape(x, [1, 49, 10, 1]), [10, 4], RELU, { stride: [2, 2] }, 8);
    const z = n.pool('MAX_POOL_2D', n.conv(n.depthwise(y, [3, 3]), 12, [1, 1]), [3, 2], [2, 2], SAME);
    const logits = n.dense(n.reshape(z, [1, product(n.shapes.get(z)!)]), 12, 0);
    return { inputs: [x], outputs: [n.softmax(logits), logits] };
  },
  'one-dimensional: 1xN convolutions with dilation, expanded and squeezed': (n) => {
    const x = n.activation([1, 60, 4], 0.04),
      wide = n.reshape(x, [1, 1, 60, 4], 'EXPAND_DIMS', [x, n.integers(1)]);
    const y = n.conv(n.conv(wide, 8, [1, 5], RELU, { dilation: [1, 3] }), 6, [1, 3], 0, {
        stride: [1, 2],
        padding: VALID,
      }),
      [, , w, c] = n.shapes.get(y)!;
    const flat = n.reshape(y, [1, w, c], 'SQUEEZE', [y], { dimensions: [1] }),
      peak = n.operator('REDUCE_MAX', [flat, n.integers(1)], n.tensorLike(flat, [1, c]), { keepDims: 0 });
    return { inputs: [x], outputs: [n.dense(peak, 16, 0, false), y] };
  },
  'a leading transpose, channels first to last': (n) => {
    const x = n.activation([1, 3, 10, 11], 1 / 127),
      last = n.operator('TRANSPOSE', [x, n.integers(0, 2, 3, 1)], n.tensorLike(x, [1, 10, 11, 3]));
    const y = n.depthwise(n.conv(last, 5, [2, 2], RELU, { stride: [1, 2], padding: VALID }), [3, 2], 0, {
        dilation: [2, 1],
      }),
      shape = n.shapes.get(y)!;
    const first = n.operator(
      'TRANSPOSE',
      [y, n.integers(0, 3, 1, 2)],
      n.tensorLike(y, [1, shape[3], shape[1], shape[2]]),
    );
    return { inputs: [x], outputs: [first] };
  },
  'two inputs, two outputs, joined along channels and cut apart': (n) => {
    const a = image(n, 8, 8, 4),
      b = n.tensorLike(a, [1, 8, 8, 2]),
      both = n.operator('CONCATENATION', [a, b], n.tensorLike(a, [1, 8, 8, 6]), { axis: -1 });
    const halves = [0, 1].map(() => n.tensorLike(a, [1, 8, 8, 3]));
    n.operator('SPLIT', [n.integers(3), both], halves, { splits: 2 });
    const cut = n.operator(
      'STRIDED_SLICE',
      [halves[0], n.integers(0, 7, 1, 0), n.integers(1, 0, 8, 3), n.integers(1, -2, 3, 1)],
      n.tensorLike(a, [1, 4, 3, 3]),
      { beginMask: 1, endMask: 9 },
    );
    const large = n.operator(
      'RESIZE_NEAREST_NEIGHBOR',
      [cut, n.integers(9, 8)],
      n.tensorLike(a, [1, 9, 8, 3]),
      { halfPixelCenters: 1 },
    );
    return { inputs: [a, b], outputs: [large, n.conv(halves[1], 3, [1, 1], 0)] };
  },
  'float arithmetic between int8 and QUANTIZE, by constants for all channels and for each': (n) => {
    const x = n.activation([1, 8, 8, 4], 0.02),
      float = (shape: number[], ...values: number[]): number =>
        n.tensor({
          shape,
          type: 'float32',
          data: values.length ? Float32Array.from(values) : undefined,
        }),
      made = (code: string, ...inputs: number[]): number =>
        n.operator(code, inputs, float([1, 8, 8, 4]), code.length === 3 ? { activation: 0 } : {});
    const real = made('DEQUANTIZE', x),
      scaled = made('SUB', float([1], 1.5), made('MUL', real, float([], 0.7))),
      each = made(
        'ADD',
        made('MUL', scaled, float([4], 0.5, -1, 0.3, 2)),
        float([1, 1, 1, 4], 0, 1, -1, 0.25),
      ),
      quantized = [scaled, each].map((t) => n.operator('QUANTIZE', [t], n.activation([1, 8, 8, 4], 0.03)));
    return { inputs: [x], outputs: [...quantized, n.conv(quantized[1], 3, [3, 3], RELU)] };
  },
  'float edges: QUANTIZE in front, DEQUANTIZE behind': (n) => {
    const x = n.tensor({ shape: [1, 6, 6, 2], type: 'float32' }),
      q = image(n, 6, 6, 2),
      y = n.conv(n.operator('QUANTIZE', [x], q), 3, [3, 3], RELU),
      [, h, w, c] = n.shapes.get(y)!;
    return {
      inputs: [x],
      outputs: [n.operator('DEQUANTIZE', [y], n.tensor({ shape: [1, h, w, c], type: 'float32' }))],
    };
  },
};
