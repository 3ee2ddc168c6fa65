/** Writes the nodes that take one's place. */
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
import { attributeValue } from './read';

export type Attribute = number | number[];

export class Speller {
  readonly nodes: NodeProto[] = [];
  private count = 0;

  constructor(
    private readonly node: NodeProto,
    readonly graph: GraphProto,
    readonly opset: number,
    /** What the graph can compute before it runs. */
    readonly constants: ReadonlySet<string>,
  ) {}

  private fresh(): string {
    return `${this.node.output[0]}/${this.node.opType}${this.count++}`;
  }

  /** A number that the node carries. */
  number(name: string, otherwise: number): number {
    const value = this.attribute(name) ?? otherwise;
    return typeof value === 'number' ? value : NaN;
  }

  /** A number, word or list that the node carries. */
  attribute(name: string): Attribute | string | undefined {
    const found = this.node.attribute.find((a) => a.name === name);
    return found && attributeValue(found);
  }

  /** One node; returns its output. */
  add(opType: string, input: string[], attributes: Record<string, Attribute> = {}): string {
    const output = this.fresh(),
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

  /** A reduction over some axes, or all; these are an input of it since opset 18. */
  reduce(opType: 'ReduceMean' | 'ReduceMax', x: string, axes?: number[], keepdims = 1): string {
    if (!axes) return this.add(opType, [x], { keepdims });
    return this.opset < 18
      ? this.add(opType, [x], { axes, keepdims })
      : this.add(opType, [x, this.integers(axes)], { keepdims });
  }

  /** The nodes, of which the one that computes y takes the spelled node's place. */
  finished(y: string): NodeProto[] {
    const [output] = this.node.output;
    for (const made of this.nodes) {
      made.input = made.input.map((name) => (name === y ? output : name));
      made.output = made.output.map((name) => (name === y ? output : name));
    }
    return this.nodes;
  }

  float(value: number): string {
    return this.constant({ dataType: Type.FLOAT, floatData: [value] });
  }

  floats(values: number[]): string {
    return this.constant({ dataType: Type.FLOAT, dims: [BigInt(values.length)], floatData: values });
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

/** Returns its last output, which one of its nodes computes; false where the node stays as it is. */
export type Spelling = (s: Speller, node: NodeProto) => string | false;
