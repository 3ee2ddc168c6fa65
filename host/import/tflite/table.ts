/**
 * Tables of a flatbuffer that may be anything: every position is checked before it is read, so that a damaged
 * file ends in an error and never in a wild read, a loop without end or a huge allocation.
 */
import { ByteBuffer } from 'flatbuffers';
import { FlintError } from '../../../src/error';

/**
 * Bytes that may still be copied out of a file: tables that point at the same vector again and again end
 * here.
 */
interface Budget {
  bytes: number;
}

/** A table; fields are asked for by their index in the schema. */
export class Table {
  constructor(
    private readonly buffer: ByteBuffer,
    private readonly at: number,
    private readonly budget: Budget,
  ) {
    this.check(at, 4);
    const vtable = at - buffer.readInt32(at);
    this.check(vtable, 4);
    this.check(vtable, buffer.readInt16(vtable) & 65535);
  }

  private check(at: number, bytes: number): void {
    if (!(at >= 0 && bytes >= 0 && at + bytes <= this.buffer.capacity()))
      throw new FlintError('the file is damaged: a table or vector leaves it');
  }

  /** Position of a field, 0 when it is absent. */
  private field(index: number, bytes: number): number {
    const vtable = this.at - this.buffer.readInt32(this.at),
      slot = 4 + index * 2;
    if (slot + 2 > (this.buffer.readInt16(vtable) & 65535)) return 0;
    const offset = this.buffer.readInt16(vtable + slot) & 65535;
    if (offset) this.check(this.at + offset, bytes);
    return offset && this.at + offset;
  }

  int8(index: number, otherwise = 0): number {
    const p = this.field(index, 1);
    return p ? this.buffer.readInt8(p) : otherwise;
  }

  int32(index: number, otherwise = 0): number {
    const p = this.field(index, 4);
    return p ? this.buffer.readInt32(p) : otherwise;
  }

  float(index: number, otherwise = 0): number {
    const p = this.field(index, 4);
    return p ? this.buffer.readFloat32(p) : otherwise;
  }

  /** Begin and length of a vector; length 0 when it is absent. */
  private vector(index: number, elementBytes: number): [number, number] {
    const p = this.field(index, 4);
    if (!p) return [0, 0];
    const begin = p + (this.buffer.readInt32(p) >>> 0);
    this.check(begin, 4);
    const length = this.buffer.readInt32(begin) >>> 0;
    this.check(begin + 4, length * elementBytes);
    return [begin + 4, length];
  }

  /** The same for what is copied. */
  private list(index: number, elementBytes: number): [number, number] {
    const [begin, length] = this.vector(index, elementBytes);
    this.budget.bytes -= length * elementBytes;
    if (this.budget.bytes < 0) throw new FlintError('the file is damaged: its tables share too many vectors');
    return [begin, length];
  }

  /** In place. */
  bytes(index: number): Uint8Array {
    const [begin, length] = this.vector(index, 1);
    return this.buffer.bytes().subarray(begin, begin + length);
  }

  string(index: number): string {
    this.list(index, 1);
    return new TextDecoder().decode(this.bytes(index));
  }

  int32s(index: number): number[] {
    const [begin, length] = this.list(index, 4);
    return Array.from({ length }, (_, i) => this.buffer.readInt32(begin + i * 4));
  }

  floats(index: number): number[] {
    const [begin, length] = this.list(index, 4);
    return Array.from({ length }, (_, i) => this.buffer.readFloat32(begin + i * 4));
  }

  int64s(index: number): number[] {
    const [begin, length] = this.list(index, 8);
    return Array.from({ length }, (_, i) => Number(this.buffer.readInt64(begin + i * 8)));
  }

  table(index: number): Table | undefined {
    const p = this.field(index, 4);
    return p ? new Table(this.buffer, p + (this.buffer.readInt32(p) >>> 0), this.budget) : undefined;
  }

  tables(index: number): Table[] {
    const [begin, length] = this.list(index, 4);
    return Array.from(
      { length },
      (_, i) =>
        new Table(this.buffer, begin + i * 4 + (this.buffer.readInt32(begin + i * 4) >>> 0), this.budget),
    );
  }
}

/** The root table of a flatbuffer with the given file identifier. */
export function rootTable(bytes: Uint8Array, identifier: string): Table {
  if (!bytes.length) throw new FlintError('the file is empty: whatever wrote it failed');
  if (bytes.length < 8 || String.fromCharCode(...bytes.subarray(4, 8)) !== identifier)
    throw new FlintError(`not a TFLite model: bytes 4 to 7 are not "${identifier}"`);
  const buffer = new ByteBuffer(bytes);
  return new Table(buffer, buffer.readInt32(0) >>> 0, { bytes: 4 * bytes.length });
}
