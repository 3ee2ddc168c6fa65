/**
 * What .tflite models in tests are built of: layers with random weights, whose shapes and scales are known.
 */
import { Random } from './random';
import { TfliteBuilder, type TensorSpec } from './tflite-builder';

export const SAME = 0,
  VALID = 1,
  RELU = 1,
  RELU_N1_TO_1 = 2,
  RELU6 = 3;
export const product = (shape: number[]): number => shape.reduce((a, b) => a * b, 1);

/** A builder that knows the shapes and scales of what it has built. */
export class Network extends TfliteBuilder {
  readonly shapes = new Map<number, number[]>();
  readonly scales = new Map<number, number>();
  constructor(readonly random: Random) {
    super();
  }

  activation(
    shape: number[],
    scale: number,
    zeroPoint = this.random.between(-100, 100),
    data?: Int8Array,
  ): number {
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
  private weights(
    shape: number[],
    channels: number,
    axis: number,
    input: number,
  ): { tensors: number[]; scale: number } {
    const r = this.random,
      scales = Array.from({ length: channels }, () => Math.fround((20 + r.below(100)) / 10000)),
      perTensor = r.below(4) === 0;
    const given = perTensor ? { scale: scales[0] } : { scale: scales, axis },
      of: TensorSpec = { shape, ...given, data: r.bytes(product(shape), -127) };
    const bias = Int32Array.from({ length: channels }, () => r.between(-2000, 2000));
    const biasScale = (perTensor ? [scales[0]] : scales).map((s) =>
      Math.fround(s * Math.fround(this.scales.get(input)!)),
    );
    return {
      tensors: [
        this.tensor(of),
        this.tensor({ shape: [channels], type: 'int32', scale: biasScale, data: bias }),
      ],
      scale: 0.006,
    };
  }
  private window(
    x: number,
    [kh, kw]: number[],
    { stride = [1, 1], dilation = [1, 1], padding = SAME },
  ): number[] {
    const [, h, w] = this.shapes.get(x)!;
    return padding === SAME
      ? [Math.ceil(h / stride[0]), Math.ceil(w / stride[1])]
      : [
          Math.ceil((h - (kh - 1) * dilation[0]) / stride[0]),
          Math.ceil((w - (kw - 1) * dilation[1]) / stride[1]),
        ];
  }
  conv(
    x: number,
    channels: number,
    kernel: number[],
    activation = RELU,
    w: { stride?: number[]; dilation?: number[]; padding?: number; groups?: number } = {},
  ): number {
    const depth = this.shapes.get(x)![3] / (w.groups ?? 1),
      { tensors, scale } = this.weights([channels, ...kernel, depth], channels, 0, x),
      [sy, sx] = w.stride ?? [1, 1],
      [dy, dx] = w.dilation ?? [1, 1];
    const y = this.result(
      [1, ...this.window(x, kernel, w), channels],
      this.scales.get(x)! * scale * Math.sqrt(depth * product(kernel)) * 60,
      activation,
    );
    return this.operator('CONV_2D', [x, ...tensors], y, {
      padding: w.padding ?? SAME,
      strideW: sx,
      strideH: sy,
      activation,
      dilationW: dx,
      dilationH: dy,
    });
  }
  transposeConv(
    x: number,
    channels: number,
    kernel: number[],
    { stride, padding }: { stride: number[]; padding: number },
  ): number {
    const [, height, width, depth] = this.shapes.get(x)!,
      { tensors, scale } = this.weights([channels, ...kernel, depth], channels, 0, x),
      size = [height, width].map((n, i) =>
        padding === SAME ? n * stride[i] : (n - 1) * stride[i] + Math.max(kernel[i], stride[i]),
      ),
      shape = [1, ...size, channels],
      y = this.activation(shape, this.scales.get(x)! * scale * Math.sqrt(depth * product(kernel)) * 40);
    const inputs = [this.integers(...shape), tensors[0], x, tensors[1]];
    return this.operator('TRANSPOSE_CONV', inputs, y, { padding, strideW: stride[1], strideH: stride[0] });
  }
  depthwise(
    x: number,
    kernel: number[],
    activation = RELU6,
    w: { stride?: number[]; dilation?: number[]; padding?: number } = {},
    multiplier = 1,
  ): number {
    const channels = this.shapes.get(x)![3] * multiplier,
      { tensors, scale } = this.weights([1, ...kernel, channels], channels, 3, x),
      [sy, sx] = w.stride ?? [1, 1],
      [dy, dx] = w.dilation ?? [1, 1];
    const y = this.result(
      [1, ...this.window(x, kernel, w), channels],
      this.scales.get(x)! * scale * Math.sqrt(product(kernel)) * 60,
      activation,
    );
    return this.operator('DEPTHWISE_CONV_2D', [x, ...tensors], y, {
      padding: w.padding ?? SAME,
      strideW: sx,
      strideH: sy,
      depthMultiplier: multiplier,
      activation,
      dilationW: dx,
      dilationH: dy,
    });
  }
  dense(x: number, channels: number, activation = RELU, bias = true): number {
    const inputs = product(this.shapes.get(x)!),
      { tensors, scale } = this.weights([channels, inputs], channels, 0, x);
    const y = this.activation([1, channels], this.scales.get(x)! * scale * Math.sqrt(inputs) * 60);
    return this.operator('FULLY_CONNECTED', [x, tensors[0], bias ? tensors[1] : -1], y, { activation });
  }
  pool(code: string, x: number, filter: number[], stride = filter, padding = VALID, activation = 0): number {
    const shape = this.shapes.get(x)!,
      y = this.tensorLike(x, [1, ...this.window(x, filter, { stride, padding }), shape[3]]);
    return this.operator(code, [x], y, {
      padding,
      strideW: stride[1],
      strideH: stride[0],
      filterW: filter[1],
      filterH: filter[0],
      activation,
    });
  }
  private readonly points = new Map<number, number>();
  override tensor(spec: TensorSpec): number {
    const t = super.tensor(spec);
    if (typeof spec.zeroPoint === 'number') this.points.set(t, spec.zeroPoint);
    return t;
  }
  /** Another shape, the same scale and zero point. */
  tensorLike(x: number, shape: number[], data?: Int8Array): number {
    return this.activation(shape, this.scales.get(x)!, this.points.get(x)!, data);
  }
  reshape(
    x: number,
    shape: number[],
    code = 'RESHAPE',
    inputs = [x, this.integers(...shape)],
    fields = {},
  ): number {
    return this.operator(code, inputs, this.tensorLike(x, shape), fields);
  }
  softmax(x: number): number {
    return this.operator('SOFTMAX', [x], this.activation(this.shapes.get(x)!, 1 / 256, -128), { beta: 1 });
  }
}

/** Builds a model; returns its inputs and outputs. */
export type Build = (n: Network) => { inputs: number[]; outputs: number[] };
/** An input image. */
export const image = (n: Network, h: number, w: number, c: number): number =>
  n.activation([1, h, w, c], 1 / 128, -3);
