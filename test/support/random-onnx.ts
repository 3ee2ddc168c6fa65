/** Random networks of every operator that can be imported, as exporters write them. */
import { elements } from '../../host/graph';
import { OnnxBuilder } from './onnx-builder';
import { Random } from './random';

/** A value of the network under construction. */
interface Made {
  name: string;
  shape: number[];
}

type Step = (b: OnnxBuilder, random: Random, x: Made, all: Made[]) => Made | undefined;

const isImage = ({ shape }: Made): boolean => shape.length === 4;

/** Weights around 0, so that what comes out is as large as what goes in. */
function conv(b: OnnxBuilder, random: Random, x: Made): Made | undefined {
  if (!isImage(x)) return undefined;
  const [, channels, height, width] = x.shape,
    kernel = [random.pick([1, 3]), random.pick([1, 3])],
    stride = random.pick([1, 1, 2]),
    groups = [1, 1, channels, ...[2, 3, 4].filter((g) => channels % g === 0)],
    group = random.pick(groups),
    outputs = group * random.between(1, Math.max(1, Math.floor(8 / group)));
  const pads = kernel.map((k) => (k === 3 ? random.pick([0, 1]) : 0)),
    size = [height, width].map((n, i) => Math.floor((n + 2 * pads[i] - kernel[i]) / stride) + 1);
  if (size.some((n) => n < 1)) return undefined;
  const weights = b.floats(
      [outputs, channels / group, ...kernel],
      undefined,
      (channels / group) * kernel[0] * kernel[1] * 0.3,
    ),
    attributes = { group, strides: [stride, stride], pads: [...pads, ...pads] };
  return {
    name: b.node('Conv', [x.name, weights, b.floats([outputs])], attributes),
    shape: [1, outputs, ...size],
  };
}

function transposedConv(b: OnnxBuilder, random: Random, x: Made): Made | undefined {
  if (!isImage(x)) return undefined;
  const [, channels, height, width] = x.shape,
    kernel = [random.between(1, 4), random.between(1, 4)],
    stride = random.between(1, 2),
    group = random.pick([1, 1, channels]),
    each = random.between(1, 3),
    pads = [0, 1, 2, 3].map((i) => random.below(Math.min(2, kernel[i % 2])));
  const size = [height, width].map((n, i) => (n - 1) * stride + kernel[i] - pads[i] - pads[i + 2]);
  if (size.some((n) => n < 1)) return undefined;
  const weights = b.floats([channels, each, ...kernel], undefined, (channels / group) * 2),
    attributes = { group, strides: [stride, stride], pads };
  return {
    name: b.node('ConvTranspose', [x.name, weights, b.floats([each * group])], attributes),
    shape: [1, each * group, ...size],
  };
}

/** Values along one dimension, in any order and more than once. */
function chosenPlaces(b: OnnxBuilder, random: Random, x: Made): Made | undefined {
  const axis = random.between(1, x.shape.length - 1),
    size = x.shape[axis];
  if (!size) return undefined;
  const indices = Array.from({ length: random.between(1, size + 2) }, () => random.below(size));
  return {
    name: b.node('Gather', [x.name, indices], { axis }),
    shape: x.shape.map((d, i) => (i === axis ? indices.length : d)),
  };
}

function tiled(b: OnnxBuilder, random: Random, x: Made): Made {
  const repeats = x.shape.map((_, i) => (i ? random.pick([1, 1, 2]) : 1));
  return { name: b.node('Tile', [x.name, repeats]), shape: x.shape.map((d, i) => d * repeats[i]) };
}

function activation(b: OnnxBuilder, random: Random, x: Made): Made {
  const make: (() => string)[] = [
    () => b.node('Relu', [x.name]),
    () => b.node('Clip', [x.name, b.float(0), b.float(6)]),
    () => b.node('Clip', [x.name, b.float(-0.75), b.float(0.5)]),
    () => b.node('Sigmoid', [x.name]),
    () => b.node('Tanh', [x.name]),
    () => b.node('HardSwish', [x.name]),
    () => b.node('HardSigmoid', [x.name]),
    () => b.node('LeakyRelu', [x.name], { alpha: 0.2 }),
    () => b.node('Elu', [x.name]),
    () => b.node('Softplus', [x.name]),
    () => b.node('Mul', [x.name, b.node('Sigmoid', [x.name])]),
    () => {
      const gate = b.node('Clip', [b.node('Add', [x.name, b.float(3)]), b.float(0), b.float(6)]);
      return b.node('Div', [b.node('Mul', [gate, x.name]), b.float(6)]);
    },
    () => b.node('PRelu', [x.name, b.floats(isImage(x) ? [x.shape[1], 1, 1] : [1])]),
    () => b.node('Max', [x.name, b.float(-0.25)]),
    () => b.node('Min', [x.name, b.float(0.5)]),
  ];
  return { name: random.pick(make)(), shape: x.shape };
}

/** Constants of any shape that can be repeated, on either side. */
function constants(b: OnnxBuilder, random: Random, x: Made): Made {
  const shape = x.shape.slice(random.below(x.shape.length)).map((d) => random.pick([d, 1])),
    op = random.pick(['Add', 'Sub', 'Mul', 'Div', 'Max']);
  if (op === 'Div') {
    const divisors = Array.from({ length: elements(shape) }, () => 0.5 + random.below(100) / 50);
    return { name: b.node(op, [x.name, b.floats(shape, divisors)]), shape: x.shape };
  }
  const operands = [x.name, b.floats(shape)];
  return { name: b.node(op, random.below(2) ? operands : operands.reverse()), shape: x.shape };
}

/** Two values, each repeated where the other is larger. */
function together(b: OnnxBuilder, random: Random, x: Made, all: Made[]): Made | undefined {
  const fits = all.filter(
    ({ shape }) =>
      shape.length === x.shape.length &&
      shape.every((d, i) => d === x.shape[i] || d === 1 || x.shape[i] === 1),
  );
  const other = random.pick(fits),
    shape = x.shape.map((d, i) => Math.max(d, other.shape[i]));
  return { name: b.node(random.pick(['Add', 'Sub', 'Mul', 'Max', 'Min']), [x.name, other.name]), shape };
}

/** A part of the image that is the same for all channels, or all pixels. */
function reduced(b: OnnxBuilder, random: Random, x: Made): Made | undefined {
  if (!isImage(x)) return undefined;
  const axes = random.pick([[1], [2], [3], [2, 3], [1, 2], [-1, -2]]),
    shape = x.shape.map((d, i) => (axes.includes(i) || axes.includes(i - 4) ? 1 : d));
  return { name: b.node(random.pick(['ReduceMean', 'ReduceMax']), [x.name], { axes }), shape };
}

function pooled(b: OnnxBuilder, random: Random, x: Made): Made | undefined {
  if (!isImage(x)) return undefined;
  const [, channels, height, width] = x.shape,
    op = random.pick(['MaxPool', 'AveragePool']);
  if (random.below(4) === 0) return { name: b.node(`Global${op}`, [x.name]), shape: [1, channels, 1, 1] };
  if (height < 2 || width < 2) return undefined;
  if (op === 'MaxPool' && random.below(4) === 0 && height > 2 && width > 2) {
    const attributes = { kernel_shape: [2, 2], dilations: [2, 2], pads: [0, 1, 0, 1] };
    return { name: b.node(op, [x.name], attributes), shape: [1, channels, height - 2, width] };
  }
  const size = [height, width].map((n) => Math.floor((n - 2) / 2) + 1);
  return {
    name: b.node(op, [x.name], { kernel_shape: [2, 2], strides: [2, 2] }),
    shape: [1, channels, ...size],
  };
}

function normalized(b: OnnxBuilder, random: Random, x: Made): Made | undefined {
  if (x.shape.length < 2) return undefined;
  const channels = x.shape[1],
    variance = Array.from({ length: channels }, () => 0.5 + random.below(100) / 80),
    statistics = [
      b.floats([channels]),
      b.floats([channels]),
      b.floats([channels]),
      b.floats([channels], variance),
    ];
  return { name: b.node('BatchNormalization', [x.name, ...statistics]), shape: x.shape };
}

function moved(b: OnnxBuilder, random: Random, x: Made): Made {
  const rest = x.shape.map((_, i) => i).slice(1),
    perm = [0];
  while (rest.length) perm.push(...rest.splice(random.below(rest.length), 1));
  return { name: b.node('Transpose', [x.name], { perm }), shape: perm.map((d) => x.shape[d]) };
}

/** Any other shape of as many values. */
function reshaped(b: OnnxBuilder, random: Random, x: Made): Made {
  const shape = [1];
  let left = elements(x.shape);
  while (left > 1 && shape.length < 4) {
    const divisors = Array.from({ length: left }, (_, i) => i + 1).filter((d) => left % d === 0 && d > 1);
    const d = shape.length === 3 ? left : random.pick(divisors);
    shape.push(d);
    left /= d;
  }
  return { name: b.node('Reshape', [x.name, shape]), shape };
}

function shuffled(b: OnnxBuilder, random: Random, x: Made): Made | undefined {
  const [batch, channels, height, width] = x.shape,
    groups = [2, 3, 4].filter((g) => channels % g === 0);
  if (!isImage(x) || !groups.length) return undefined;
  const g = random.pick(groups),
    apart = b.node('Reshape', [x.name, [batch, g, channels / g, height, width]]),
    turned = b.node('Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
  return { name: b.node('Reshape', [turned, x.shape]), shape: x.shape };
}

function sliced(b: OnnxBuilder, random: Random, x: Made): Made | undefined {
  const axis = random.between(1, x.shape.length - 1),
    size = x.shape[axis];
  if (!(size > 1)) return undefined;
  const begin = random.below(size - 1),
    end = random.between(begin + 1, size),
    step = random.pick([1, 1, 2]);
  return {
    name: b.node('Slice', [x.name, [begin], [end], [axis], [step]]),
    shape: x.shape.map((d, i) => (i === axis ? Math.ceil((end - begin) / step) : d)),
  };
}

function joined(b: OnnxBuilder, random: Random, x: Made, all: Made[]): Made | undefined {
  const axis = random.between(1, x.shape.length - 1),
    fits = all.filter(
      ({ shape }) => shape.length === x.shape.length && shape.every((d, i) => i === axis || d === x.shape[i]),
    ),
    other = random.pick(fits);
  if (!(axis < x.shape.length)) return undefined;
  const shape = x.shape.map((d, i) => (i === axis ? d + other.shape[i] : d));
  return { name: b.node('Concat', [x.name, other.name], { axis }), shape };
}

function padded(b: OnnxBuilder, random: Random, x: Made): Made | undefined {
  if (!isImage(x)) return undefined;
  const before = [0, 0, random.below(2), random.below(2)],
    after = [0, 0, random.below(2), random.below(2)];
  return {
    name: b.node('Pad', [x.name, [...before, ...after]]),
    shape: x.shape.map((d, i) => d + before[i] + after[i]),
  };
}

function resized(b: OnnxBuilder, random: Random, x: Made): Made | undefined {
  if (!isImage(x)) return undefined;
  const factors = [1, 1, random.between(1, 2), random.between(1, 2)];
  return {
    name: b.node('Resize', [x.name, '', b.floats([4], factors)], {
      coordinate_transformation_mode: 'asymmetric',
    }),
    shape: x.shape.map((d, i) => d * factors[i]),
  };
}

function dense(b: OnnxBuilder, random: Random, x: Made): Made {
  const inputs = x.shape[x.shape.length - 1],
    outputs = random.between(2, 8);
  return {
    name: b.node('MatMul', [x.name, b.floats([inputs, outputs], undefined, inputs * 0.3)]),
    shape: [...x.shape.slice(0, -1), outputs],
  };
}

function chosen(b: OnnxBuilder, random: Random, x: Made): Made {
  const axis = random.between(1, Math.max(1, x.shape.length - 1));
  return { name: b.node('Softmax', [x.name], { axis: axis < x.shape.length ? axis : -1 }), shape: x.shape };
}

const steps: Step[] = [
  conv,
  conv,
  conv,
  activation,
  activation,
  constants,
  together,
  reduced,
  pooled,
  normalized,
  moved,
  reshaped,
  shuffled,
  sliced,
  joined,
  padded,
  resized,
  transposedConv,
  chosenPlaces,
  tiled,
  dense,
  chosen,
];

/** More values than this in a tensor make tests slow. */
const LARGEST = 600;

/** A network of up to `length` operators on an image, or a vector; whatever `seed` gives. */
export function randomNetwork(seed: number, length: number): Uint8Array {
  const random = new Random(seed * 2654435761 + 7),
    shape = random.below(6)
      ? [1, random.between(1, 6), random.between(2, 7), random.between(2, 7)]
      : [1, random.between(2, 24)],
    b = new OnnxBuilder(shape, 14, seed);
  let x: Made = { name: 'x', shape };
  const all = [x];
  for (let n = 0; n < length;) {
    const made = random.pick(steps)(b, random, x, all);
    if (!made) continue;
    n++;
    if (elements(made.shape) > LARGEST) continue;
    x = made;
    all.push(made);
  }
  // What only moves values is nothing to run.
  return b.finish(b.node('Tanh', [x.name]));
}
