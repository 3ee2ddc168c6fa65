/**
 * Small .tflite models, built in the test that needs them, with the `flatbuffers` package and nothing of the
 * importer's.
 */
import { Builder, type Offset } from 'flatbuffers';
import { builtinNames } from '../../host/import/tflite/names';
import { options, types } from './tflite-schema';

type Data = Int8Array | Uint8Array | Int32Array | Float32Array | BigInt64Array;

export interface TensorSpec {
  shape: number[];
  /** Of TFLite's schema; int8 unless given. */
  type?: keyof typeof types;
  /** One scale and zero point, or one per index of dimension `axis`. */
  scale?: number | number[];
  zeroPoint?: number | number[];
  axis?: number;
  /** Of int4 a value an element. */
  data?: Data;
  name?: string;
}

/** A constant list of integers: axes, sizes, a shape. */
export const list = (...values: number[]): TensorSpec => ({
  shape: [values.length],
  type: 'int32',
  data: Int32Array.from(values),
});

/** The same in pairs: what borders or crops each dimension has in front and behind. */
export const pairs = (...values: number[]): TensorSpec => ({
  ...list(...values),
  shape: [values.length / 2, 2],
});

interface OperatorSpec {
  code: string;
  inputs: number[];
  outputs: number[];
  fields: Fields;
}

type Fields = Record<string, number | number[] | string>;

/** Two values a byte, the first in its lower bits. */
const nibbles = (values: Data): Uint8Array =>
  Uint8Array.from(
    { length: (values.length + 1) >> 1 },
    (_, i) => (Number(values[2 * i]) & 15) | ((Number(values[2 * i + 1] ?? 0) & 15) << 4),
  );

export class TfliteBuilder {
  private readonly tensors: TensorSpec[] = [];
  private readonly operators: OperatorSpec[] = [];

  /** @returns the tensor's index */
  tensor(spec: TensorSpec): number {
    return this.tensors.push(spec) - 1;
  }

  /** A constant list of integers: axes, paddings, sizes. */
  integers(...values: number[]): number {
    return this.tensor(list(...values));
  }

  /**
   * Adds an operator, a custom one by `custom NAME`, with the given option fields; absent ones keep the
   * schema's defaults. @returns its first output
   */
  operator(code: string, inputs: number[], outputs: number | number[], fields: Fields = {}): number {
    const list = Array.isArray(outputs) ? outputs : [outputs];
    this.operators.push({ code, inputs, outputs: list, fields });
    return list[0];
  }

  finish(inputs: number[], outputs: number[]): Uint8Array {
    const b = new Builder(1024),
      codes = [...new Set(this.operators.map((o) => o.code))];
    const table = (fields: (() => void)[]): Offset => {
      b.startObject(fields.length);
      for (const add of fields) add();
      return b.endObject();
    };
    const none = (): void => {},
      offset = (field: number, at: Offset) => (): void => b.addFieldOffset(field, at, 0);
    const vector = (size: number, values: readonly number[], add: (v: number) => void): Offset => {
      b.startVector(size, values.length, size);
      for (let i = values.length - 1; i >= 0; i--) add(values[i]);
      return b.endVector();
    };
    const int32s = (values: number[]): Offset => vector(4, values, (v) => b.addInt32(v)),
      offsets = (values: Offset[]): Offset => vector(4, values, (v) => b.addOffset(v));

    const buffers = [
      table([]),
      ...this.tensors.map(({ data, type }) => {
        if (!data) return table([]);
        const bytes =
          type === 'int4' ? nibbles(data) : new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        b.prep(16, bytes.length); // the runtime reads constants in place
        return table([offset(0, b.createByteVector(bytes))]);
      }),
    ];
    const tensors = this.tensors.map((t, i) => {
      const list = (v: number | number[] | undefined): number[] =>
          v === undefined ? [] : Array.isArray(v) ? v : [v],
        scales = list(t.scale);
      const points = scales.length ? scales.map((_, k) => list(t.zeroPoint ?? 0)[k] ?? 0) : [];
      const scale = vector(4, scales, (v) => b.addFloat32(v)),
        point = vector(8, points, (v) => b.addInt64(BigInt(v)));
      const quantization = table([
        none,
        none,
        offset(2, scale),
        offset(3, point),
        none,
        none,
        () => b.addFieldInt32(6, t.axis ?? 0, 0),
      ]);
      const name = b.createString(t.name ?? `t${i}`),
        shape = int32s(t.shape);
      return table([
        offset(0, shape),
        () => b.addFieldInt8(1, types[t.type ?? 'int8'], 0),
        () => b.addFieldInt32(2, i + 1, 0),
        offset(3, name),
        ...(scales.length ? [offset(4, quantization)] : []),
      ]);
    });
    const operators = this.operators.map(({ code, inputs: reads, outputs: writes, fields }) => {
      const [union, ...names] = options[code] ?? [0];
      for (const name of Object.keys(fields))
        if (!names.some((n) => n.startsWith(`${name}:`))) throw new Error(`${code} has no option ${name}`);
      const lists = Object.fromEntries(
        Object.entries(fields)
          .filter(([, v]) => typeof v !== 'number')
          .map(([name, v]) => [name, Array.isArray(v) ? int32s(v) : b.createString(String(v))]),
      );
      const given = table(
        names.map((title, k) => () => {
          const [name, type] = title.split(':'),
            v = fields[name];
          if (v === undefined) return;
          if (typeof v !== 'number') b.addFieldOffset(k, lists[name], 0);
          else if (type === 'b') b.addFieldInt8(k, v, NaN);
          else if (type === 'i') b.addFieldInt32(k, v, NaN);
          else b.addFieldFloat32(k, v, NaN);
        }),
      );
      const [from, to] = [int32s(reads), int32s(writes)];
      return table([
        () => b.addFieldInt32(0, codes.indexOf(code), 0),
        offset(1, from),
        offset(2, to),
        () => b.addFieldInt8(3, union, 0),
        ...(union ? [offset(4, given)] : []),
      ]);
    });
    const [io, list, nodes] = [[int32s(inputs), int32s(outputs)], offsets(tensors), offsets(operators)];
    const graph = table([offset(0, list), offset(1, io[0]), offset(2, io[1]), offset(3, nodes)]);
    const builtins = codes.map((code) => {
      const [, custom] = code.split('custom '),
        number = builtinNames.indexOf(custom ? 'CUSTOM' : code),
        name = custom ? b.createString(custom) : 0;
      return table([
        () => b.addFieldInt8(0, Math.min(number, 127), 0),
        custom ? offset(1, name) : none,
        () => b.addFieldInt32(2, 1, 1),
        () => b.addFieldInt32(3, number, 0),
      ]);
    });
    const [codeList, graphs, bufferList] = [offsets(builtins), offsets([graph]), offsets(buffers)];
    const model = table([
      () => b.addFieldInt32(0, 3, 0),
      offset(1, codeList),
      offset(2, graphs),
      none,
      offset(4, bufferList),
    ]);
    b.finish(model, 'TFL3');
    return b.asUint8Array();
  }
}
