/** A .tflite file as plain data: the parts of TFLite's schema (version 3) that int8 inference needs. */
import { FlintError } from '../../../src/error';
import type { Window } from '../../graph';
import { rootTable, type Table } from './table';

/** Types of tensors by their codes in the schema. */
const typeNames = [
  'float32',
  'float16',
  'int32',
  'uint8',
  'int64',
  'string',
  'bool',
  'int16',
  'complex64',
  'int8',
  'float64',
  'complex128',
  'uint64',
  'resource',
  'variant',
  'uint32',
  'uint16',
  'int4',
  'bfloat16',
  'int2',
  'uint4',
];

/** A tensor, activation or constant. */
export interface TfTensor {
  index: number;
  name: string;
  shape: number[];
  /** Of typeNames. */
  type: string;
  /** Empty for activations. */
  data: Uint8Array;
  scales: number[];
  zeroPoints: number[];
  /** Dimension the scales belong to when there are several. */
  axis: number;
}

/** One operator, its options unread. */
export interface TfOperator {
  index: number;
  code: number;
  /** Name of a custom operator. */
  custom: string;
  /** Tensors; undefined for an optional input left out. */
  inputs: (TfTensor | undefined)[];
  outputs: TfTensor[];
  options?: Table;
  /** Of a QUANTIZE whose 256 results are known, in each channel or in all: by int8, from -128 on. */
  tables?: Int8Array[];
  /** Of a convolution that was spelled out: what its options do not say. */
  dilated?: Pick<Window, 'dilation' | 'pads'>;
}

/** What a file holds. */
export interface TfModel {
  tensors: TfTensor[];
  operators: TfOperator[];
  inputs: TfTensor[];
  outputs: TfTensor[];
  /** Graphs behind the first, which its operators call by their index from 1 on. */
  others: Omit<TfModel, 'others'>[];
}

const ELEMENTS_LIMIT = 2 ** 28;

/** Weights of 4 bits as int8; the first of a byte are its lower ones. */
function unpacked(bytes: Uint8Array, count: number, name: string): Uint8Array {
  if (bytes.length !== (count + 1) >> 1)
    throw new FlintError(`constant ${name} has ${bytes.length} bytes for ${count} values of 4 bits`);
  return Uint8Array.from({ length: count }, (_, i) => ((bytes[i >> 1] >> (4 * (i & 1))) << 28) >> 28);
}

function readTensor(table: Table, index: number, buffers: Table[]): TfTensor {
  const name = table.string(3) || `#${index}`,
    shape = table.int32s(0),
    quantization = table.table(4);
  let elements = 1;
  for (const size of shape) {
    if (size < 0 || (elements *= size) > ELEMENTS_LIMIT)
      throw new FlintError(`tensor ${index} (${name}) has the shape [${shape}]`);
  }
  const buffer = buffers[table.int32(2)];
  if (!buffer)
    throw new FlintError(`tensor ${index} (${name}) refers to buffer ${table.int32(2)} of ${buffers.length}`);
  const stored = typeNames[table.int8(1)] ?? `type ${table.int8(1)}`,
    bytes = buffer.bytes(0),
    isNarrow = stored === 'int4' && bytes.length > 0,
    type = isNarrow ? 'int8' : stored,
    data = isNarrow ? unpacked(bytes, elements, name) : bytes;
  return {
    index,
    name,
    shape,
    type,
    data,
    scales: quantization?.floats(2) ?? [],
    zeroPoints: quantization?.int64s(3) ?? [],
    axis: quantization?.int32(6) ?? 0,
  };
}

/** One of the graphs that a file holds: the model, and those that its operators call. */
function readGraph(graph: Table, codes: Table[], buffers: Table[]): Omit<TfModel, 'others'> {
  const tensors = graph.tables(0).map((table, i) => readTensor(table, i, buffers));
  const tensor = (index: number, where: string): TfTensor => {
    if (!tensors[index]) throw new FlintError(`${where} refers to tensor ${index} of ${tensors.length}`);
    return tensors[index];
  };
  const operators = graph.tables(3).map((table, index): TfOperator => {
    const where = `operator ${index}`,
      code = codes[table.int32(0)];
    if (!code) throw new FlintError(`${where} refers to operator code ${table.int32(0)} of ${codes.length}`);
    return {
      index,
      code: Math.max(code.int8(0), code.int32(3)), // old files have only the first, deprecated field
      custom: code.string(1),
      inputs: table.int32s(1).map((i) => (i === -1 ? undefined : tensor(i, where))),
      outputs: table.int32s(2).map((i) => tensor(i, where)),
      options: table.table(4),
    };
  });
  const io = (field: number, what: string): TfTensor[] =>
    graph.int32s(field).map((i) => tensor(i, `the list of ${what}`));
  return { tensors, operators, inputs: io(1, 'inputs'), outputs: io(2, 'outputs') };
}

/** @throws FlintError when the file is no TFLite model or damaged */
export function readTflite(bytes: Uint8Array): TfModel {
  const model = rootTable(bytes, 'TFL3'),
    subgraphs = model.tables(2),
    codes = model.tables(1),
    buffers = model.tables(4);
  if (model.int32(0) !== 3)
    throw new FlintError(`TFLite schema version ${model.int32(0)}; version 3 is understood`);
  if (!subgraphs.length) throw new FlintError('the model has no graph');
  const signatures = new Map(model.tables(7).map((table) => [table.int32(4), table.string(2)]));
  if (signatures.size > 1)
    throw new FlintError(
      `the model has ${signatures.size} functions (${[...signatures.values()].join(', ')}); ` +
        'one can run: convert the one that classifies alone',
    );
  const [graph, ...others] = subgraphs.map((g) => readGraph(g, codes, buffers));
  return { ...graph, others };
}
