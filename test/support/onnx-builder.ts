/** Small ONNX models, built in the test that needs them. */
import { create, toBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as Kind,
  AttributeProtoSchema,
  ModelProtoSchema,
  NodeProtoSchema,
  OperatorSetIdProtoSchema,
  TensorProtoSchema,
  TensorProto_DataType as Type,
  ValueInfoProtoSchema,
} from 'onnx-buf';
import { elements } from '../../host/graph';
import { Random } from './random';

type Attribute = number | string | number[];

/** Types of integers that quantized models have. */
export type IntegerType = 'INT8' | 'UINT8' | 'INT16' | 'INT32';

/** The name of a value, or whole numbers: a constant. */
type Input = string | number[];

function typed(value: Attribute) {
  if (typeof value === 'string') return { type: Kind.STRING, s: new TextEncoder().encode(value) };
  if (Array.isArray(value))
    return value.every(Number.isInteger)
      ? { type: Kind.INTS, ints: value.map(BigInt) }
      : { type: Kind.FLOATS, floats: value };
  return Number.isInteger(value) ? { type: Kind.INT, i: BigInt(value) } : { type: Kind.FLOAT, f: value };
}

export class OnnxBuilder {
  private readonly model = create(ModelProtoSchema, {
    irVersion: 7n,
    opsetImport: [{ domain: '', version: 13n }],
    graph: { name: 'test' },
  });
  private readonly random: Random;
  private count = 0;

  /** @param seed of the constants */
  constructor(input: number[], opset = 13, seed = 17, type: IntegerType | 'FLOAT' = 'FLOAT') {
    this.random = new Random(seed);
    this.model.opsetImport[0].version = BigInt(opset);
    this.model.graph!.input = [this.info('x', input, type)];
  }

  private info(name: string, shape: number[], type: IntegerType | 'FLOAT' = 'FLOAT') {
    return create(ValueInfoProtoSchema, {
      name,
      type: {
        value: {
          case: 'tensorType',
          value: {
            elemType: Type[type],
            shape: { dim: shape.map((d) => ({ value: { case: 'dimValue', value: BigInt(d) } as const })) },
          },
        },
      },
    });
  }

  private constant(
    dims: number[],
    values: { dataType: Type; floatData?: number[]; int32Data?: number[]; int64Data?: bigint[] },
  ): string {
    const name = `c${this.count++}`;
    this.model.graph!.initializer.push(
      create(TensorProtoSchema, { name, dims: dims.map(BigInt), ...values }),
    );
    return name;
  }

  /**
   * A constant of given or random floats, around 0 with a spread of about 1 over the square root of `fan`.
   */
  floats(shape: number[], values?: number[], fan = 1): string {
    const random = (): number => (this.random.below(2001) - 1000) / 1000 / Math.sqrt(fan),
      floatData = values ?? Array.from({ length: elements(shape) }, random);
    return this.constant(shape, { dataType: Type.FLOAT, floatData });
  }

  /** A constant of integers; random ones over all of 8 bits unless given. */
  typed(type: IntegerType, shape: number[], values?: number[]): string {
    const random = (): number => (type === 'UINT8' ? 0 : -128) + this.random.below(256),
      int32Data = values ?? Array.from({ length: elements(shape) }, random);
    return this.constant(shape, { dataType: Type[type], int32Data });
  }

  /** A constant of one float. */
  float(value: number): string {
    return this.floats([], [value]);
  }

  integers(values: number[]): string {
    return this.constant([values.length], { dataType: Type.INT64, int64Data: values.map(BigInt) });
  }

  /** Adds a node of one output; returns it. Whole numbers become ints, others floats. */
  node(opType: string, inputs: Input[], attributes: Record<string, Attribute> = {}): string {
    return this.nodes(opType, inputs, 1, attributes)[0];
  }

  /** Adds a node; returns its outputs. @param opType with the domain in front, where it is not ONNX's own */
  nodes(
    opType: string,
    inputs: Input[],
    outputs: number,
    attributes: Record<string, Attribute> = {},
  ): string[] {
    const output = Array.from({ length: outputs }, () => `v${this.count++}`),
      attribute = Object.entries(attributes).map(([name, value]) =>
        create(AttributeProtoSchema, { name, ...typed(value) }),
      );
    const dot = opType.lastIndexOf('.'),
      domain = opType.slice(0, Math.max(0, dot));
    if (domain && this.model.opsetImport.every((o) => o.domain !== domain))
      this.model.opsetImport.push(create(OperatorSetIdProtoSchema, { domain, version: 1n }));
    this.model.graph!.node.push(
      create(NodeProtoSchema, {
        opType: opType.slice(dot + 1),
        domain,
        name: `${opType}_${this.count}`,
        input: inputs.map((input) => (typeof input === 'string' ? input : this.integers(input))),
        output,
        attribute,
      }),
    );
    return output;
  }

  /** One more input of the model. */
  input(name: string, shape: number[]): string {
    this.model.graph!.input.push(this.info(name, shape));
    return name;
  }

  finish(...outputs: string[]): Uint8Array {
    return this.finishAs('FLOAT', ...outputs);
  }

  /** @param type of the outputs */
  finishAs(type: IntegerType | 'FLOAT', ...outputs: string[]): Uint8Array {
    this.model.graph!.output = outputs.map((name) =>
      create(ValueInfoProtoSchema, {
        name,
        type: { value: { case: 'tensorType', value: { elemType: Type[type] } } },
      }),
    );
    return toBinary(ModelProtoSchema, this.model);
  }
}
