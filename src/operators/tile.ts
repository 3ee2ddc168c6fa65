/**
 * Convolution weights are laid out for the kernel: output channels in groups of `outputs`, then taps in
 * chunks of `taps` (the last one filled up with weights of zero), then the group's output channels, then the
 * chunk's taps. Sums of so many pixels are made at once.
 */
export const CONV_TILE = Object.freeze({ outputs: 32, taps: 8, pixels: 8 });

/** Sums that a convolution keeps at once: of each pixel of a tile and each output channel of a group. */
export const TILE_SUMS = 256;

/**
 * Where the windows of a tile's output pixels begin, into `pointers`. Beyond the last pixel the pointer
 * stays, and the result is not stored.
 * @param source address of pixel 0's window
 * @param first the tile's first pixel, of `count` in rows of `width`
 * @param step bytes from one pixel's window to the next in a row
 * @param rowStep bytes from one row of windows to the next
 */
export function pointTile(
  pointers: number[],
  source: number,
  first: number,
  count: number,
  width: number,
  step: number,
  rowStep: number,
): void {
  let x = first % width,
    row = source + ((first / width) | 0) * rowStep,
    p = row + x * step;
  for (let i = 0; i < CONV_TILE.pixels; i++) {
    pointers[i] = p;
    if (first + i + 1 < count) {
      x += 1;
      p += step;
      if (x === width) {
        x = 0;
        row += rowStep;
        p = row;
      }
    }
  }
}
