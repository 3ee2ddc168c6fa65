/** Floats of other widths, which people use to make files smaller: all become float32. */
import { TensorProto_DataType as Type, type TensorProto } from 'onnx-buf';
import { float16 } from '../float16';

/** Types of floats, by ONNX's numbers, that become float32. */
export const otherFloats = new Set<number>([Type.FLOAT16, Type.BFLOAT16, Type.DOUBLE]);

const word = new DataView(new ArrayBuffer(4));

/** bfloat16 is the upper half of a float32. */
function fromBrain(bits: number): number {
  word.setUint32(0, (bits << 16) >>> 0);
  return word.getFloat32(0);
}

/** Turns a tensor of 16-bit floats or doubles into one of float32; others stay. */
export function widen(tensor: TensorProto): void {
  const type = tensor.dataType as Type;
  if (!otherFloats.has(type)) return;
  const raw = tensor.rawData?.length ? tensor.rawData : undefined,
    view = raw && new DataView(raw.buffer, raw.byteOffset, raw.length);
  tensor.dataType = Type.FLOAT;
  if (type === Type.DOUBLE)
    tensor.floatData = view
      ? Array.from({ length: view.byteLength >> 3 }, (_, i) => view.getFloat64(i * 8, true))
      : tensor.doubleData;
  else {
    const bits = view
      ? Array.from({ length: view.byteLength >> 1 }, (_, i) => view.getUint16(i * 2, true))
      : tensor.int32Data;
    tensor.floatData = bits.map((b) => (type === Type.FLOAT16 ? float16(b) : fromBrain(b)));
  }
  Object.assign(tensor, { rawData: undefined, int32Data: [], doubleData: [] });
}
