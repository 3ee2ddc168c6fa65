/** Weights of a convolution as the numbers of up to three taps that lanes multiply by. */
import { TapKind } from '../../src/format';
import { PLACES } from '../../src/checks/lanes';
import { TAPS } from '../../src/lanes/phases';
import type { IntParameters, Node } from '../graph';
import { storageOf, stored, weightBits } from '../storage';
import type { Writer } from '../writer';

export type Convolution = Extract<Node<IntParameters>, { window: unknown; parameters: IntParameters }>;

/** Whether the sum over all inputs, once a strip, is worth that no weight is negative: where many weights are added up. */
const summed = (node: Convolution, channels: number): boolean => node.op === 'conv2d' && channels > 3 && node.parameters.bias.length > 3;

/** How a convolution's weights are stored. */
export interface TapStorage {
  kind: TapKind;
  /** What is added to every weight, so that none is negative; 0 where that is not worth it. */
  excess: number;
  zeroPoints?: Int8Array;
}

/** @param channels of the input */
export function tapStorage(node: Convolution, channels: number): TapStorage {
  const { weights, bias } = node.parameters, one = node.window.kernel[1] === 1;
  if (!summed(node, channels)) return { kind: one ? TapKind.one : TapKind.wide, excess: 0 };
  if (one) return { kind: TapKind.one, excess: 2 ** (weightBits(weights) - 1) };
  const { bits, zeroPoints } = storageOf(weights, bias.length);
  if (node.wideTaps) return { kind: TapKind.wide, excess: 2 ** (bits - 1), zeroPoints };
  return { kind: bits === 2 ? TapKind.two : bits === 4 ? TapKind.four : TapKind.wide, excess: 2 ** (bits - 1), zeroPoints };
}

/** The kernel rows (or columns) that meet input rows of each parity; see Phase in src/lanes/phases.ts. */
const phases = (size: number, stride: number, pad: number): number[][] =>
  Array.from({ length: stride }, (_, parity) => Array.from({ length: size }, (_, k) => k).filter((k) => (k - pad - parity) % stride === 0)).filter((list) => list.length);

/**
 * @param channels of the input
 * @returns for each output channel its rows of taps, a number for each input channel in each
 */
export function tapRows(node: Convolution, channels: number, { excess, zeroPoints }: Pick<TapStorage, 'excess' | 'zeroPoints'>): bigint[][][] {
  const { window: { kernel: [kernelY, kernelX], pads: [padTop, padLeft] }, parameters: { bias } } = node,
    weights = stored(node.parameters.weights, { bits: 8, zeroPoints }), outputs = bias.length, each = node.op === 'conv2d' ? channels : 1;
  const weight = (o: number, y: number, x: number, c: number): number =>
    node.op === 'conv2d' ? weights[((o * kernelY + y) * kernelX + x) * each + c] : weights[(y * kernelX + x) * outputs + o];
  const [strideY, strideX] = node.dense ? [1, 1] : node.window.stride;
  return Array.from({ length: outputs }, (_, o) => {
    const rows: bigint[][] = [];
    for (const ys of phases(kernelY, strideY, padTop)) for (const xs of phases(kernelX, strideX, padLeft)) for (const y of ys) for (let g = 0; g < xs.length; g += TAPS)
      rows.push(Array.from({ length: each }, (_, c) => xs.slice(g, g + TAPS).reduce((tap, x) => (tap << 24n) + BigInt(weight(o, y, x, c) + excess), 0n)));
    return rows;
  });
}

/** Where taps were written, as LanesConv has it. */
interface Taps {
  at: number;
  kind: TapKind;
  starts: number;
  places: number;
}

export function writeTaps(taps: bigint[], kind: TapKind, writer: Writer): Taps {
  if (kind === TapKind.wide) writer.align(8);
  return { at: writer.data(tapBytes(taps, kind)), kind, starts: 0, places: 0 };
}

/** Numbers of three taps as TapKind says. */
function tapBytes(taps: bigint[], kind: TapKind): Uint8Array {
  const digits = (t: bigint, bits: number): number => Number((t & 255n) | (((t >> 24n) & 255n) << BigInt(bits)) | (((t >> 48n) & 255n) << BigInt(2 * bits)));
  if (kind === TapKind.wide) return new Uint8Array(BigInt64Array.from(taps).buffer);
  if (kind === TapKind.four) return new Uint8Array(Uint16Array.from(taps, (t) => digits(t, 4)).buffer);
  return Uint8Array.from(taps, (t) => (kind === TapKind.two ? digits(t, 2) : Number(t) & 255));
}

/** Without the numbers that are 0, signs apart. */
export function writeSparseTaps(rows: bigint[][][], writer: Writer): Taps {
  const taps: bigint[] = [], places: number[] = [], starts: number[] = [];
  for (const own of rows) for (const sign of [1n, -1n]) for (const row of own) {
    starts.push(taps.length);
    row.forEach((tap, c) => tap * sign > 0n && (taps.push(tap * sign), places.push(c)));
  }
  starts.push(taps.length);
  writer.align(8);
  return {
    at: writer.data(new Uint8Array(BigInt64Array.from(taps).buffer)), kind: TapKind.sparse, starts: writer.words(starts),
    places: writer.data(Uint8Array.from(places)),
  };
}

/** A sparse number costs a little more than one of all: its place is read, and rows have starts. */
const SPARSE_COST = 1.15;

/** Whether most of a convolution's numbers are 0, so that it is faster without them. @param channels of the input */
export function fasterSparse(node: Convolution, channels: number): boolean {
  if (node.op !== 'conv2d' || channels > PLACES) return false;
  const taps = tapRows(node, channels, { excess: 0 }).flat(2);
  return taps.filter((tap) => tap !== 0n).length * SPARSE_COST < taps.length;
}
