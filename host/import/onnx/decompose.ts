/**
 * Operators that the device has none for, spelled with others. It is done in the model itself, so that ONNX
 * Runtime, which observes what values tensors take, sees all of them.
 */
import { create } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  NodeProtoSchema,
  TensorProtoSchema,
  TensorProto_DataType as Type,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from 'onnx-buf';

type Attribute = number | number[];

/** Writes the nodes that take one's place. */
class Speller {
  readonly nodes: NodeProto[] = [];
  private count = 0;

  constructor(
    private readonly node: NodeProto,
    private readonly graph: GraphProto,
    readonly opset: number,
  ) {}

  private fresh(): string {
    return `${this.node.output[0]}/${this.node.opType}${this.count++}`;
  }

  /** A number or list that the node carries. */
  attribute(name: string): Attribute | string | undefined {
    const found = this.node.attribute.find((a) => a.name === name);
    if (found?.type === Kind.INT) return Number(found.i);
    if (found?.type === Kind.FLOAT) return found.f;
    if (found?.type === Kind.STRING) return new TextDecoder().decode(found.s);
    return found?.type === Kind.INTS ? found.ints.map(Number) : undefined;
  }

  /** One node; returns its output, which is the spelled node's where `last` says so. */
  add(opType: string, input: string[], attributes: Record<string, Attribute> = {}, last = false): string {
    const output = last ? this.node.output[0] : this.fresh(),
      attribute = Object.entries(attributes).map(([name, value]) =>
        create(
          AttributeProtoSchema,
          Array.isArray(value)
            ? { name, type: Kind.INTS, ints: value.map(BigInt) }
            : { name, type: Kind.INT, i: BigInt(value) },
        ),
      );
    const name = `${this.node.name || this.node.output[0]}/${this.nodes.length}`;
    this.nodes.push(create(NodeProtoSchema, { opType, name, input, output: [output], attribute }));
    return output;
  }

  float(value: number): string {
    return this.constant({ dataType: Type.FLOAT, floatData: [value] });
  }

  integers(values: number[]): string {
    return this.constant({
      dataType: Type.INT64,
      dims: [BigInt(values.length)],
      int64Data: values.map(BigInt),
    });
  }

  private constant(
    tensor: Partial<Pick<TensorProto, 'dataType' | 'dims' | 'floatData' | 'int64Data'>>,
  ): string {
    const name = this.fresh();
    this.graph.initializer.push(create(TensorProtoSchema, { name, ...tensor }));
    return name;
  }

  /** Values from `begin` to `end` along an axis. */
  slice(x: string, axis: number, begin: number, end: number): string {
    if (this.opset < 10) return this.add('Slice', [x], { axes: [axis], starts: [begin], ends: [end] });
    return this.add('Slice', [x, ...[[begin], [end], [axis]].map((list) => this.integers(list))]);
  }
}

/** Returns its last output; false where the node stays as it is. */
type Spelling = (s: Speller, node: NodeProto, graph: GraphProto) => string | false;

/** An operator of many operands as a chain of one of two. */
const chain =
  (opType: string): Spelling =>
  (s, { input }) => {
    if (input.length < 2) return s.add('Identity', input, {}, true);
    return input.slice(1).reduce((a, b, i) => s.add(opType, [a, b], {}, i === input.length - 2), input[0]);
  };

/** Where it has three operands or more, which devices have no operator for. */
const longChain =
  (opType: string): Spelling =>
  (s, node, graph) =>
    node.input.length === 2 ? false : chain(opType)(s, node, graph);

/** The smaller one is the larger one of the negatives, negated. */
const minimum: Spelling = (s, { input }) => {
  if (input.length < 2) return s.add('Identity', input, {}, true);
  const negatives = input.map((x) => s.add('Neg', [x]));
  const most = negatives.slice(1).reduce((a, b) => s.add('Max', [a, b]), negatives[0]);
  return s.add('Neg', [most], {}, true);
};

const mean: Spelling = (s, { input }) => {
  const sum = input.slice(1).reduce((a, b) => s.add('Add', [a, b]), input[0]);
  return s.add('Div', [sum, s.float(input.length)], {}, true);
};

/** How many values of x each of y's is made of. */
function share(s: Speller, x: string, y: string): string {
  const [all, left] = [x, y].map((v) => s.add('Cast', [s.add('Size', [v])], { to: Type.FLOAT }));
  return s.add('Div', [all, left]);
}

/** A sum is the mean times the number of values. */
const sum: Spelling = (s, node) => {
  const [x] = node.input,
    attributes: Record<string, Attribute> = {};
  for (const name of ['axes', 'keepdims', 'noop_with_empty_axes']) {
    const value = s.attribute(name);
    if (value !== undefined && typeof value !== 'string') attributes[name] = value;
  }
  // Axes became an input of ReduceSum at opset 13, of ReduceMean at 18.
  const axes = node.input[1];
  if (axes && s.opset < 18) return false;
  const average = s.add('ReduceMean', axes ? [x, axes] : [x], attributes);
  return s.add('Mul', [average, share(s, x, average)], {}, true);
};

/** Newer than the runtime that calibrates. */
const swish: Spelling = (s, { input: [x] }) => {
  const alpha = s.attribute('alpha') ?? 1;
  if (typeof alpha !== 'number') return false;
  return s.add('Mul', [x, s.add('Sigmoid', [s.add('Mul', [x, s.float(alpha)])])], {}, true);
};

/** Newer than the runtime that calibrates. */
const gelu: Spelling = (s, { input: [x] }) => {
  const half = s.add('Mul', [x, s.float(0.5)]);
  if (s.attribute('approximate') !== 'tanh') {
    const erf = s.add('Erf', [s.add('Div', [x, s.float(Math.SQRT2)])]);
    return s.add('Mul', [half, s.add('Add', [erf, s.float(1)])], {}, true);
  }
  const cube = s.add('Mul', [s.add('Mul', [x, x]), x]),
    inner = s.add('Add', [x, s.add('Mul', [cube, s.float(0.044715)])]),
    tanh = s.add('Tanh', [s.add('Mul', [inner, s.float(Math.sqrt(2 / Math.PI))])]);
  return s.add('Mul', [half, s.add('Add', [tanh, s.float(1)])], {}, true);
};

/** Some files have it in an opset that did not yet. */
const hardSwish: Spelling = (s, { input: [x] }) => {
  if (s.opset >= 14) return false;
  const shifted = s.add('Add', [x, s.float(3)]),
    clipped = s.add('Sub', [s.add('Relu', [shifted]), s.add('Relu', [s.add('Sub', [shifted, s.float(6)])])]);
  return s.add('Div', [s.add('Mul', [x, clipped]), s.float(6)], {}, true);
};

/** The shape of weights, which may be stored as integers. */
function weightsShape(graph: GraphProto, name: string): number[] | undefined {
  const stored = graph.initializer.find((t) => t.name === name);
  if (stored) return stored.dims.map(Number);
  const maker = graph.node.find((n) => n.output.includes(name));
  if (maker?.opType === 'Constant')
    return maker.attribute.find((a) => a.name === 'value')?.t?.dims.map(Number);
  return maker && ['Identity', 'DequantizeLinear', 'Cast'].includes(maker.opType) && maker.input[0] !== name
    ? weightsShape(graph, maker.input[0])
    : undefined;
}

/** Groups of several channels as convolutions of their own; depthwise ones the device has. */
function groups(s: Speller, node: NodeProto, graph: GraphProto): string | false {
  const group = s.attribute('group') ?? 1,
    [x, weights, bias] = node.input,
    shape = weightsShape(graph, weights),
    outputs = shape ? shape[0] / Number(group) : NaN;
  if (typeof group !== 'number' || group < 2 || group > 1024 || !shape || shape[1] < 2) return false;
  if (shape.length < 3 || !Number.isInteger(outputs)) return false;
  const one = node.attribute.filter((a) => a.name !== 'group'),
    results = Array.from({ length: group }, (_, g) => {
      const part = s.slice(x, 1, g * shape[1], (g + 1) * shape[1]),
        own = [weights, bias].filter(Boolean).map((w) => s.slice(w, 0, g * outputs, (g + 1) * outputs)),
        y = s.add('Conv', [part, ...own]);
      s.nodes[s.nodes.length - 1].attribute = one;
      return y;
    });
  return s.add('Concat', results, { axis: 1 }, true);
}

/** What takes an operator's place. */
const spellings: Record<string, Spelling> = {
  Conv: groups,
  Gelu: gelu,
  HardSwish: hardSwish,
  Max: longChain('Max'),
  Mean: mean,
  Min: minimum,
  ReduceSum: sum,
  Sum: chain('Add'),
  Swish: swish,
};

/** Operators that are spelled with others, by ONNX's names; of Conv those with groups of several channels. */
export const spelled: readonly string[] = Object.keys(spellings);

/** The graph's nodes, those the device has no operator for being spelled with others. */
export function decompose(graph: GraphProto, opset: number): void {
  const fits = (node: NodeProto): boolean =>
    (node.domain === '' || node.domain === 'ai.onnx') &&
    Object.hasOwn(spellings, node.opType) &&
    node.output.length === 1 &&
    node.input.length > 0;
  graph.node = graph.node.flatMap((node) => {
    if (!fits(node)) return [node];
    const speller = new Speller(node, graph, opset);
    return spellings[node.opType](speller, node, graph) === false ? [node] : speller.nodes;
  });
}
