/** An ONNX file as plain data: nodes, constants, inputs and outputs, checked; nothing of it is trusted. */
import { fromBinary } from '@bufbuild/protobuf';
import {
  AttributeProto_AttributeType as Kind,
  ModelProtoSchema,
  TensorProto_DataType as Type,
  type AttributeProto,
  type ModelProto,
  type NodeProto,
  type TensorProto,
  type ValueInfoProto,
} from 'onnx-buf';
import { FlintError } from '../../../src/error';
import { elements, type Quantization } from '../../graph';

/** A constant tensor. */
export interface Constant {
  shape: number[];
  /** Floats, or integers (int64 too) as exact numbers. */
  data: Float32Array | number[];
  /** Of floats that were stored as integers: their scale, or one for each place along an axis. */
  scales?: number[];
  /** That axis. */
  scalesAxis?: number;
  /** Of floats that were stored in 8 bits with one scale: what those are as int8. */
  quantization?: Quantization;
  /** Of integers: whether they are uint8, and the width in which they are stored. */
  unsigned?: boolean;
  bits?: number;
}

/** One node, its attributes read. */
export interface OnnxNode {
  /** Its place in the file. */
  index: number;
  name: string;
  type: string;
  inputs: string[];
  outputs: string[];
  attributes: Map<string, number | string | number[] | Constant>;
}

/** What a file holds. */
export interface OnnxModel {
  opset: number;
  nodes: OnnxNode[];
  constants: Map<string, Constant>;
  /** Without those that are constants. A dimension that is not fixed is -1. */
  inputs: { name: string; shape: number[]; integers: boolean }[];
  outputs: string[];
  /** What was changed of it that people should know. */
  remarks: string[];
}

const bytesPer: Partial<Record<Type, number>> = {
  [Type.FLOAT]: 4,
  [Type.DOUBLE]: 8,
  [Type.INT32]: 4,
  [Type.INT64]: 8,
  [Type.INT8]: 1,
  [Type.UINT8]: 1,
  [Type.INT16]: 2,
  [Type.UINT16]: 2,
  [Type.BOOL]: 1,
};

/** One element of raw data. */
function rawElement(view: DataView, type: Type, i: number): number {
  if (type === Type.FLOAT) return view.getFloat32(i * 4, true);
  if (type === Type.DOUBLE) return view.getFloat64(i * 8, true);
  if (type === Type.INT32) return view.getInt32(i * 4, true);
  if (type === Type.INT64) return Number(view.getBigInt64(i * 8, true));
  if (type === Type.INT16) return view.getInt16(i * 2, true);
  if (type === Type.UINT16) return view.getUint16(i * 2, true);
  return type === Type.INT8 ? view.getInt8(i) : view.getUint8(i);
}

/** A stored tensor. @throws FlintError when its values do not fit its shape, or its type is not understood */
export function readTensor(tensor: TensorProto, name: string): Constant {
  const type = tensor.dataType as Type,
    shape = tensor.dims.map(Number),
    size = bytesPer[type];
  if (type === Type.INT4 || type === Type.UINT4)
    throw new FlintError(`constant ${name} has the type ${Type[type]}: quantize the model to 8 bits`);
  if (size === undefined)
    throw new FlintError(
      `constant ${name} has the type ${Type[type] ?? type}; float32, float64, int32, int64, int8, uint8 ` +
        'and bool are understood: save the model as float32',
    );
  if (tensor.externalData.length || tensor.dataLocation === 1)
    throw new FlintError(`constant ${name} is stored in another file, which was not read`);
  const count = elements(shape),
    raw = tensor.rawData;
  const listed =
    type === Type.FLOAT
      ? tensor.floatData
      : type === Type.DOUBLE
        ? tensor.doubleData
        : type === Type.INT64
          ? tensor.int64Data
          : tensor.int32Data;
  const have = raw?.length ? raw.length / size : listed.length;
  if (shape.some((d) => d < 0) || have !== count)
    throw new FlintError(`constant ${name} has ${have} values for the shape [${shape}]`);
  const view = raw?.length ? new DataView(raw.buffer, raw.byteOffset, raw.length) : undefined;
  const element = (_: unknown, i: number): number => (view ? rawElement(view, type, i) : Number(listed[i]));
  if (type !== Type.FLOAT && type !== Type.DOUBLE)
    return {
      shape,
      data: Array.from({ length: count }, element),
      unsigned: type === Type.UINT8,
      bits: size * 8,
    };
  const data = Float32Array.from({ length: count }, element);
  // One infinite value alone may be a bound.
  if (count === 1 ? Number.isNaN(data[0]) : !data.every(Number.isFinite))
    throw new FlintError(`constant ${name} holds values that are not finite`);
  return { shape, data };
}

/** Whether an input is 8-bit integers, as of a quantized model without QuantizeLinear in front. */
const isInteger = ({ type }: ValueInfoProto): boolean =>
  type?.value.case === 'tensorType' && [Type.INT8, Type.UINT8].includes(type.value.value.elemType);

function shapeOf(info: ValueInfoProto): number[] {
  const type = info.type?.value;
  if (type?.case !== 'tensorType' || !type.value.shape)
    throw new FlintError(`input ${info.name} has no shape: export the model with fixed sizes`);
  if (type.value.elemType !== Type.FLOAT && !isInteger(info))
    throw new FlintError(
      `input ${info.name} is of the type ${Type[type.value.elemType] ?? type.value.elemType}: ` +
        'export the model with a float32 input',
    );
  return type.value.shape.dim.map((d) => (d.value.case === 'dimValue' ? Number(d.value.value) : -1));
}

/** A file as its messages. @throws FlintError when it is no ONNX model */
export function parseOnnx(bytes: Uint8Array): ModelProto {
  if (!bytes.length) throw new FlintError('the file is empty: whatever wrote it failed');
  let model;
  try {
    model = fromBinary(ModelProtoSchema, bytes as Uint8Array<ArrayBuffer>);
  } catch (error) {
    throw new FlintError(`not an ONNX model: ${(error as Error).message}`);
  }
  if (!model.graph?.node.length) throw new FlintError('not an ONNX model: it has no nodes');
  return model;
}

/** Under this key a prepared model says what was changed of it that people should know. */
export const REMARK = 'flint.remark';

/** Versions of ONNX's operators before this one no runtime takes any more. */
const OLDEST = 7;

/** An operator's name, with its domain where that is not ONNX's own. */
export const typeOf = ({ domain, opType }: NodeProto): string =>
  domain && domain !== 'ai.onnx' ? `${domain}.${opType}` : opType;

/** A number, word or list that a node carries; undefined for other attributes. */
export function attributeValue(a: AttributeProto): number | string | number[] | undefined {
  if (a.type === Kind.INT) return Number(a.i);
  if (a.type === Kind.FLOAT) return a.f;
  if (a.type === Kind.STRING) return new TextDecoder().decode(a.s);
  if (a.type === Kind.FLOATS) return a.floats;
  return a.type === Kind.INTS ? a.ints.map(Number) : undefined;
}

/** The version of ONNX's operators that a model uses. */
export const opsetOf = ({ opsetImport }: ModelProto): number =>
  Number(opsetImport.find((o) => o.domain === '' || o.domain === 'ai.onnx')?.version ?? 0);

/**
 * Newer versions are taken as they are: what changes are operators, which are judged one by one.
 * @throws FlintError when the file is no ONNX model, damaged, or of an opset before 7
 */
export function readOnnx(bytes: Uint8Array): OnnxModel {
  const model = parseOnnx(bytes),
    graph = model.graph!,
    opset = opsetOf(model);
  if (opset < OLDEST)
    throw new FlintError(
      `the model uses ONNX opset ${opset}; ${OLDEST} and newer are understood: export it again with ` +
        'opset_version=18',
    );

  const constants = new Map(graph.initializer.map((t) => [t.name, readTensor(t, t.name)]));
  const known = new Set([...constants.keys(), ...graph.input.map((i) => i.name), '']);
  if (new Set(graph.input.map((i) => i.name)).size < graph.input.length || graph.input.some((i) => !i.name))
    throw new FlintError('its inputs have no names of their own');
  const nodes = graph.node.map((node, index): OnnxNode => {
    const attributes: OnnxNode['attributes'] = new Map();
    for (const a of node.attribute) {
      const value = a.type === Kind.TENSOR && a.t ? readTensor(a.t, node.output[0] ?? '') : attributeValue(a);
      if (value !== undefined) attributes.set(a.name, value);
    }
    const name = node.name || `#${index}`,
      type = typeOf(node);
    for (const input of node.input)
      if (!known.has(input))
        throw new FlintError(`node ${name} (${type}) reads ${input}, which nothing before it computes`);
    for (const output of node.output) {
      if (output && known.has(output))
        throw new FlintError(`node ${name} (${type}) computes ${output} a second time`);
      known.add(output);
    }
    return { index, name, type, inputs: node.input, outputs: node.output, attributes };
  });
  for (const { name } of graph.output)
    if (!known.has(name)) throw new FlintError(`nothing computes the output ${name}`);
  return {
    opset,
    nodes,
    constants,
    inputs: graph.input
      .filter((i) => !constants.has(i.name))
      .map((i) => ({ name: i.name, shape: shapeOf(i), integers: isInteger(i) })),
    outputs: graph.output.map((o) => o.name),
    remarks: model.metadataProps.filter(({ key }) => key === REMARK).map(({ value }) => value),
  };
}
