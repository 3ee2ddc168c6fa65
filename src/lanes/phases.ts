/** The input of a convolution on lanes, a number for each channel, for a strip of the output at a time. */
import { repeat } from '../bigint';
import { LanesConv, type TapKind, Window } from '../format';
import type { Model } from '../model';
import { LANE, blockBytes, halve, lanes, repitch, rowsOf } from './planes';
import type { Requantizer } from './requantize';

/** Taps of one kernel row that fit a 64-bit number as 24-bit digits. */
export const TAPS = 3;

/**
 * The input pixels that one set of taps meets. With a stride of 1 there is one phase; with a stride of 2 in either direction, pixels at even
 * and odd places are separate images, each convolved with every other tap.
 */
export interface Phase {
  /** Kernel rows and columns (count), and where they begin among an output channel's rows of taps. */
  kernelRows: number;
  kernelColumns: number;
  tapRow: number;
  /** First input row, how many at steps of the stride, and the parity of the columns. */
  first: number;
  rows: number;
  odd: number;
  /** Bits that its sums must move up by to meet those of the other phases. */
  align: bigint;
  /** The input's zero point + 128 in every lane of the padding, and the bits below the image's first pixel; both 0 when the padding is zeros anyway. */
  fill: bigint;
  up: bigint;
  /** One number per loaded input channel. */
  planes: bigint[];
}

/** What the strips of one operator share. */
export interface Layer {
  at: number;
  depthwise: number;
  channels: number;
  height: number;
  width: number;
  pitch: number;
  /** Of the phases: the input's, or less when columns are split. */
  lanePitch: number;
  strideX: number;
  strideY: number;
  address: number;
  /** Rows and columns of results for each one that is kept. */
  stepX: number;
  stepY: number;
  outputs: number;
  outputWidth: number;
  outputPitch: number;
  /** Rows of taps (up to three columns of a kernel row) of one output channel, and taps in each: one per input channel that it reads. */
  tapRows: number;
  each: number;
  /** How they are stored, and where. */
  kind: TapKind;
  taps: BigInt64Array | Uint16Array | Uint8Array | Int8Array;
  excess: number;
  /** Of sparse ones: where their words begin, and their input channels. */
  starts: number;
  places: Uint8Array;
  /** Numbers by what is stored, where that is narrow: all three taps, or the lowest and the upper two. */
  numbers: bigint[];
  upper: bigint[];
  rowShift: bigint;
  /** 255 in every lane. */
  mask: bigint;
  /** Lanes of the even columns in the input's rows, and how they move together, when columns are split. */
  kept: bigint;
  halving: bigint[];
  /** How results are thinned out, when they are. */
  thinning: bigint[];
  /** For strips of as many rows as the last one had. */
  requantizer: Requantizer | undefined;
  rows: number;
}

/** The phases of a strip; the bits below its first result; and how many lanes the sums reach over. */
export function phasesOf({ words }: Model, layer: Layer, y: number, n: number): { list: Phase[]; drop: bigint; lanes: number } {
  const { at, height, width, strideX, strideY, lanePitch } = layer;
  const w = at + LanesConv.window, kernelY = words[w + Window.kernelY], kernelX = words[w + Window.kernelX], padTop = words[w + Window.padTop],
    padLeft = words[w + Window.padLeft];
  const list: Phase[] = [], places: number[] = [], padding = words[at + LanesConv.padding];
  let place = 0, last = 0, tapRows = 0;
  for (let parity = 0; parity < strideY; parity++) {
    const firstRow = (padTop + parity) % strideY, kernelRows = firstRow < kernelY ? (((kernelY - 1 - firstRow) / strideY) | 0) + 1 : 0,
      lag = (firstRow - padTop - parity) / strideY;
    const most = ((height - 1 - parity + strideY) / strideY) | 0, from = y + lag, to = from + n + kernelRows - 1, begin = from > 0 ? from : 0,
      rows = (to < most ? to : most) - begin;
    for (let odd = 0; odd < strideX; odd++) {
      const firstColumn = (padLeft + odd) % strideX, kernelColumns = firstColumn < kernelX ? (((kernelX - 1 - firstColumn) / strideX) | 0) + 1 : 0,
        lagX = (firstColumn - padLeft - odd) / strideX;
      const groups = strideX === 2 ? 1 : ((kernelColumns + TAPS - 1) / TAPS) | 0, tapRow = tapRows,
        columns = strideX === 2 ? (width + 1 - odd) >> 1 : width;
      if (kernelRows && kernelColumns) tapRows += kernelRows * groups;
      if (!kernelRows || !kernelColumns || (rows < 1 && !padding)) continue;
      let fill = 0n, up = 0n, lead = 0, top = from - begin, reach = (rows + kernelRows - 1) * lanePitch;
      if (padding) {
        // Rows and columns around the image become part of the planes.
        lead = lagX < 0 ? -lagX : 0, top = 0, reach = (n + 2 * kernelRows - 2) * lanePitch + lead;
        up = BigInt(LANE * ((begin - from) * lanePitch + lead));
        const all = (to - from) * lanePitch + lead;
        fill = lanes(padding, all) - ((rows > 0 ? repeat(lanes(padding, columns), LANE * lanePitch, rows) : 0n) << up);
      }
      const at0 = (top + kernelRows - 1) * lanePitch + lead + lagX + kernelColumns - 1;
      if (at0 > place) place = at0;
      if (reach + kernelColumns - at0 > last) last = reach + kernelColumns - at0;
      places.push(at0);
      list.push({ kernelRows, kernelColumns, tapRow, first: begin * strideY + parity, rows, odd, align: 0n, fill, up, planes: [] });
    }
  }
  for (let i = 0; i < list.length; i++) list[i].align = BigInt(LANE * (place - places[i]));
  return { list, drop: BigInt(LANE * place), lanes: place + (last > n * lanePitch ? last : n * lanePitch) };
}

/** Appends the planes of the three channels from c on. */
export function loadBlock(model: Model, layer: Layer, phases: Phase[], c: number): void {
  const { channels, height, width, pitch, lanePitch, strideX, strideY, mask, kept, halving } = layer,
    address = layer.address + (c / 3) * blockBytes(height, pitch);
  for (let i = 0; i < phases.length; i++) {
    const { planes, first, rows, odd, fill, up } = phases[i];
    let block = rows > 0 ? rowsOf(model, address, pitch, first, strideY, rows) : 0n;
    if (strideX === 2 && rows > 0) {
      block = halve((odd ? block >> 24n : block) & kept, halving);
      block = repitch(block, pitch, lanePitch, (width + 1) >> 1, rows);
    }
    for (let k = 0; k < 3 && c + k < channels; k += 1) {
      const plane = (block >> BigInt(8 * k)) & mask;
      planes.push(fill ? (plane << up) + fill : plane);
    }
  }
}
