/** Int8 .tflite models of many kinds with random weights, the same on every machine: what the importer must take, byte for byte. */
import { Random } from './random';
import { TfliteBuilder, type TensorSpec } from './tflite-builder';

const SAME = 0, VALID = 1, RELU = 1, RELU_N1_TO_1 = 2, RELU6 = 3;
const product = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

/** A builder that knows the shapes and scales of what it has built. */
class Network extends TfliteBuilder {
  readonly shapes = new Map<number, number[]>();
  readonly scales = new Map<number, number>();
  constructor(readonly random: Random) {
    super();
  }

  activation(shape: number[], scale: number, zeroPoint = this.random.between(-100, 100), data?: Int8Array): number {
    const t = this.tensor({ shape, scale: Math.fround(scale), zeroPoint, data });
    this.shapes.set(t, shape);
    this.scales.set(t, scale);
    return t;
  }
  like(x: number, scale = this.scales.get(x)! * (0.6 + this.random.below(1000) / 800)): number {
    return this.activation(this.shapes.get(x)!, scale);
  }
  /** RELU6 has the scale that converters give it. */
  private result(shape: number[], scale: number, activation: number): number {
    return activation === RELU6 ? this.activation(shape, 6 / 255, -128) : this.activation(shape, scale);
  }
  private weights(shape: number[], channels: number, axis: number, input: number): { tensors: number[]; scale: number } {
    const r = this.random, scales = Array.from({ length: channels }, () => Math.fround((20 + r.below(100)) / 10000)), perTensor = r.below(4) === 0;
    const given = perTensor ? { scale: scales[0] } : { scale: scales, axis },
      of: TensorSpec = { shape, ...given, data: r.bytes(product(shape), -127) };
    const bias = Int32Array.from({ length: channels }, () => r.between(-2000, 2000));
    const biasScale = (perTensor ? [scales[0]] : scales).map((s) => Math.fround(s * Math.fround(this.scales.get(input)!)));
    return { tensors: [this.tensor(of), this.tensor({ shape: [channels], type: 'int32', scale: biasScale, data: bias })], scale: 0.006 };
  }
  private window(x: number, [kh, kw]: number[], { stride = [1, 1], dilation = [1, 1], padding = SAME }): number[] {
    const [, h, w] = this.shapes.get(x)!;
    return padding === SAME ? [Math.ceil(h / stride[0]), Math.ceil(w / stride[1])]
      : [Math.ceil((h - (kh - 1) * dilation[0]) / stride[0]), Math.ceil((w - (kw - 1) * dilation[1]) / stride[1])];
  }
  conv(x: number, channels: number, kernel: number[], activation = RELU, w: { stride?: number[]; dilation?: number[]; padding?: number } = {}): number {
    const depth = this.shapes.get(x)![3], { tensors, scale } = this.weights([channels, ...kernel, depth], channels, 0, x),
      [sy, sx] = w.stride ?? [1, 1], [dy, dx] = w.dilation ?? [1, 1];
    const y = this.result([1, ...this.window(x, kernel, w), channels], this.scales.get(x)! * scale * Math.sqrt(depth * product(kernel)) * 60, activation);
    return this.operator('CONV_2D', [x, ...tensors], y, { padding: w.padding ?? SAME, strideW: sx, strideH: sy, activation, dilationW: dx, dilationH: dy });
  }
  depthwise(x: number, kernel: number[], activation = RELU6, w: { stride?: number[]; dilation?: number[]; padding?: number } = {}, multiplier = 1): number {
    const channels = this.shapes.get(x)![3] * multiplier, { tensors, scale } = this.weights([1, ...kernel, channels], channels, 3, x),
      [sy, sx] = w.stride ?? [1, 1], [dy, dx] = w.dilation ?? [1, 1];
    const y = this.result([1, ...this.window(x, kernel, w), channels], this.scales.get(x)! * scale * Math.sqrt(product(kernel)) * 60, activation);
    return this.operator('DEPTHWISE_CONV_2D', [x, ...tensors], y, { padding: w.padding ?? SAME, strideW: sx, strideH: sy, depthMultiplier: multiplier, activation, dilationW: dx, dilationH: dy });
  }
  dense(x: number, channels: number, activation = RELU, bias = true): number {
    const inputs = product(this.shapes.get(x)!), { tensors, scale } = this.weights([channels, inputs], channels, 0, x);
    const y = this.activation([1, channels], this.scales.get(x)! * scale * Math.sqrt(inputs) * 60);
    return this.operator('FULLY_CONNECTED', [x, tensors[0], bias ? tensors[1] : -1], y, { activation });
  }
  pool(code: string, x: number, filter: number[], stride = filter, padding = VALID, activation = 0): number {
    const shape = this.shapes.get(x)!, y = this.tensorLike(x, [1, ...this.window(x, filter, { stride, padding }), shape[3]]);
    return this.operator(code, [x], y, { padding, strideW: stride[1], strideH: stride[0], filterW: filter[1], filterH: filter[0], activation });
  }
  private readonly points = new Map<number, number>();
  override tensor(spec: TensorSpec): number {
    const t = super.tensor(spec);
    if (typeof spec.zeroPoint === 'number') this.points.set(t, spec.zeroPoint);
    return t;
  }
  /** Another shape, the same scale and zero point. */
  tensorLike(x: number, shape: number[]): number {
    return this.activation(shape, this.scales.get(x)!, this.points.get(x)!);
  }
  reshape(x: number, shape: number[], code = 'RESHAPE', inputs = [x, this.integers(...shape)], fields = {}): number {
    return this.operator(code, inputs, this.tensorLike(x, shape), fields);
  }
  softmax(x: number): number {
    return this.operator('SOFTMAX', [x], this.activation(this.shapes.get(x)!, 1 / 256, -128), { beta: 1 });
  }
}

type Build = (n: Network) => { inputs: number[]; outputs: number[] };
const image = (n: Network, h: number, w: number, c: number): number => n.activation([1, h, w, c], 1 / 128, -3);

const unary = (code: string, fields: Record<string, number>, out?: { scale: number; zeroPoint: number }): Build => (n) => {
  const inputs = [0.003, 0.02, 0.047, 0.11, 0.6].map((scale) => n.activation([1, 256], scale));
  const outputs = inputs.map((x) => n.operator(code, [x], out ? n.activation([1, 256], out.scale, out.zeroPoint) : code === 'RELU6' ? n.tensorLike(x, [1, 256]) : n.like(x), fields));
  return { inputs, outputs };
};

export const models: Record<string, Build> = {
  'MobileNet: depthwise and pointwise convolutions, residual additions, global pooling': (n) => {
    const x = image(n, 24, 24, 3);
    let y = n.conv(x, 8, [3, 3], RELU6, { stride: [2, 2] });
    for (const [expand, channels, stride] of [[16, 8, 1], [24, 12, 2], [36, 12, 1]]) {
      const z = n.conv(n.depthwise(n.conv(y, expand, [1, 1], RELU6), [3, 3], RELU6, { stride: [stride, stride] }), channels, [1, 1], 0);
      y = stride === 1 ? n.operator('ADD', [y, z], n.like(z), { activation: 0 }) : z;
    }
    const mean = n.operator('MEAN', [y, n.integers(1, 2)], n.activation([1, 12], n.scales.get(y)! * 0.7), { keepDims: 0 });
    const logits = n.dense(mean, 7, 0);
    return { inputs: [x], outputs: [n.softmax(logits), logits] };
  },
  'ResNet: explicit padding, strided shortcuts, fused activations of additions': (n) => {
    const x = image(n, 17, 15, 3), padded = n.operator('PAD', [x, n.integers(0, 0, 1, 1, 2, 0, 0, 0)], n.tensorLike(x, [1, 19, 17, 3]));
    let y = n.conv(padded, 8, [3, 3], RELU, { padding: VALID });
    for (const stride of [1, 2]) {
      const z = n.conv(n.conv(y, 8 * stride, [3, 3], RELU, { stride: [stride, stride] }), 8 * stride, [3, 3], 0),
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
    const x = n.activation([1, 490], 0.6), y = n.depthwise(n.reshape(x, [1, 49, 10, 1]), [10, 4], RELU, { stride: [2, 2] }, 8);
    const z = n.pool('MAX_POOL_2D', n.conv(n.depthwise(y, [3, 3]), 12, [1, 1]), [3, 2], [2, 2], SAME);
    const logits = n.dense(n.reshape(z, [1, product(n.shapes.get(z)!)]), 12, 0);
    return { inputs: [x], outputs: [n.softmax(logits), logits] };
  },
  'one-dimensional: 1xN convolutions with dilation, expanded and squeezed': (n) => {
    const x = n.activation([1, 60, 4], 0.04), wide = n.reshape(x, [1, 1, 60, 4], 'EXPAND_DIMS', [x, n.integers(1)]);
    const y = n.conv(n.conv(wide, 8, [1, 5], RELU, { dilation: [1, 3] }), 6, [1, 3], 0, { stride: [1, 2], padding: VALID }),
      [, , w, c] = n.shapes.get(y)!;
    const flat = n.reshape(y, [1, w, c], 'SQUEEZE', [y], { dimensions: [1] }),
      peak = n.operator('REDUCE_MAX', [flat, n.integers(1)], n.tensorLike(flat, [1, c]), { keepDims: 0 });
    return { inputs: [x], outputs: [n.dense(peak, 16, 0, false), y] };
  },
  'a leading transpose, channels first to last': (n) => {
    const x = n.activation([1, 3, 10, 11], 1 / 127), last = n.operator('TRANSPOSE', [x, n.integers(0, 2, 3, 1)], n.tensorLike(x, [1, 10, 11, 3]));
    const y = n.depthwise(n.conv(last, 5, [2, 2], RELU, { stride: [1, 2], padding: VALID }), [3, 2], 0, { dilation: [2, 1] }),
      shape = n.shapes.get(y)!;
    const first = n.operator('TRANSPOSE', [y, n.integers(0, 3, 1, 2)], n.tensorLike(y, [1, shape[3], shape[1], shape[2]]));
    return { inputs: [x], outputs: [first] };
  },
  'two inputs, two outputs, joined along channels and cut apart': (n) => {
    const a = image(n, 8, 8, 4), b = n.tensorLike(a, [1, 8, 8, 2]),
      both = n.operator('CONCATENATION', [a, b], n.tensorLike(a, [1, 8, 8, 6]), { axis: -1 });
    const halves = [0, 1].map(() => n.tensorLike(a, [1, 8, 8, 3]));
    n.operator('SPLIT', [n.integers(3), both], halves, { splits: 2 });
    const cut = n.operator('STRIDED_SLICE', [halves[0], n.integers(0, 7, 1, 0), n.integers(1, 0, 8, 3), n.integers(1, -2, 3, 1)], n.tensorLike(a, [1, 4, 3, 3]), { beginMask: 1, endMask: 9 });
    const large = n.operator('RESIZE_NEAREST_NEIGHBOR', [cut, n.integers(9, 8)], n.tensorLike(a, [1, 9, 8, 3]), { halfPixelCenters: 1 });
    return { inputs: [a, b], outputs: [large, n.conv(halves[1], 3, [1, 1], 0)] };
  },
  'PADV2, broadcast arithmetic, PRELU': (n) => {
    const x = image(n, 6, 5, 4), vector = (): number => n.activation([4], 0.01, n.random.between(-50, 50), n.random.bytes(4)),
      scalar = n.activation([1], 0.02, 5, Int8Array.of(77));
    const padded = n.operator('PADV2', [x, n.integers(0, 0, 0, 1, 2, 1, 0, 0), n.tensor({ shape: [1], scale: Math.fround(1 / 128), zeroPoint: -3, data: Int8Array.of(40) })], n.tensorLike(x, [1, 7, 8, 4]));
    const shaped = (code: string, inputs: number[], scale: number, activation?: number): number =>
      n.operator(code, inputs, n.activation([1, 7, 8, 4], scale), activation === undefined ? {} : { activation });
    return { inputs: [x], outputs: [
      shaped('ADD', [padded, vector()], 0.011, 0), shaped('SUB', [padded, vector()], 0.012, RELU6), shaped('SUB', [vector(), padded], 0.012, 0), shaped('SUB', [scalar, padded], 0.02, RELU_N1_TO_1),
      shaped('MUL', [padded, vector()], 0.004, RELU), shaped('MUL', [padded, scalar], 0.03, 0), shaped('MUL', [padded, padded], 0.007, RELU6),
      shaped('ADD', [scalar, padded], 0.02, RELU), shaped('PRELU', [padded, n.activation([1, 1, 4], 0.01, 3, n.random.bytes(4))], 0.009),
    ] };
  },
  'LOGISTIC': unary('LOGISTIC', {}, { scale: 1 / 256, zeroPoint: -128 }),
  'TANH': unary('TANH', {}, { scale: 1 / 128, zeroPoint: 0 }),
  'HARD_SWISH': unary('HARD_SWISH', {}),
  'LEAKY_RELU': unary('LEAKY_RELU', { alpha: 0.1 }),
  'RELU': unary('RELU', {}),
  'RELU6': unary('RELU6', {}),
  'QUANTIZE': unary('QUANTIZE', {}),
  'SOFTMAX of many widths and betas': (n) => {
    const inputs = [[3, 0.05], [10, 0.2], [100, 0.02], [256, 0.7]].map(([width, scale]) => n.activation([2, width], scale));
    return { inputs, outputs: inputs.map((x, i) => n.operator('SOFTMAX', [x], n.activation(n.shapes.get(x)!, 1 / 256, -128), { beta: [1, 1, 0.5, 2][i] })) };
  },
  'pooling: overlapping, padded, with activations': (n) => {
    const x = image(n, 11, 9, 5), outputs: number[] = [];
    for (const code of ['MAX_POOL_2D', 'AVERAGE_POOL_2D']) for (const [filter, stride, padding, activation] of [[[3, 3], [2, 2], SAME, 0], [[2, 4], [1, 3], VALID, RELU], [[11, 9], [1, 1], VALID, RELU6], [[5, 3], [3, 2], SAME, RELU_N1_TO_1]] as const)
      outputs.push(n.pool(code, x, [...filter], [...stride], padding, activation));
    return { inputs: [x], outputs };
  },
  'MEAN and REDUCE_MAX over height and width, dimensions kept or not': (n) => {
    const x = image(n, 7, 6, 5);
    return { inputs: [x], outputs: [
      n.operator('MEAN', [x, n.integers(1, 2)], n.activation([1, 1, 1, 5], 0.006), { keepDims: 1 }), n.operator('MEAN', [x, n.integers(-3, -2)], n.tensorLike(x, [1, 5]), { keepDims: 0 }),
      n.operator('MEAN', [x, n.integers(1)], n.activation([1, 6, 5], 0.005), { keepDims: 0 }), n.operator('REDUCE_MAX', [x, n.integers(2, 1)], n.tensorLike(x, [1, 1, 1, 5]), { keepDims: 1 }),
    ] };
  },
  'float edges: QUANTIZE in front, DEQUANTIZE behind': (n) => {
    const x = n.tensor({ shape: [1, 6, 6, 2], type: 'float32' }), q = image(n, 6, 6, 2), y = n.conv(n.operator('QUANTIZE', [x], q), 3, [3, 3], RELU),
      [, h, w, c] = n.shapes.get(y)!;
    return { inputs: [x], outputs: [n.operator('DEQUANTIZE', [y], n.tensor({ shape: [1, h, w, c], type: 'float32' }))] };
  },
  'transposes of every kind': (n) => {
    const x = n.activation([2, 3, 4, 5], 0.1), shape = [2, 3, 4, 5];
    return { inputs: [x], outputs: [[3, 2, 1, 0], [0, 2, 3, 1], [1, 0, 3, 2], [2, 0, 1, 3], [0, 1, 3, 2]].map((p) => n.operator('TRANSPOSE', [x, n.integers(...p)], n.tensorLike(x, p.map((d) => shape[d])))) };
  },
};

/** @returns the model's file and its inputs, one random int8 array each (of unary operators: all 256 values) */
export function build(title: string): { bytes: Uint8Array; inputs: Int8Array[] } {
  let seed = 7;
  for (const letter of title) seed = (Math.imul(seed, 31) + letter.charCodeAt(0)) | 0;
  const random = new Random(seed || 1), n = new Network(random), { inputs, outputs } = models[title](n);
  const values = inputs.map((x) => {
    const shape = n.shapes.get(x) ?? [1, 6, 6, 2]; // only the float input has no int8 shape of its own
    return product(shape) === 256 ? Int8Array.from({ length: 256 }, (_, i) => i - 128) : Int8Array.from({ length: product(shape) }, () => random.between(-128, 127));
  });
  return { bytes: n.finish(inputs, outputs), inputs: values };
}
