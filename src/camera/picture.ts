/** A packed sample image as a camera's frame. */
import { ImageType } from './formats';

/** A sample begins with width and height, 16 bits each, and its pixel format. */
const HEADER = 8;

const bytesOfPixel = (imageType: number): number =>
  imageType === ImageType.rgb24
    ? 3
    : imageType === ImageType.monochrome || imageType === ImageType.gray256
      ? 1
      : 2;

export const bytesOfFrame = (width: number, height: number, imageType: number): number =>
  width * height * bytesOfPixel(imageType);

/** Draws a sample, as high as the frame, into its middle; the sides are black. */
export function drawSample(
  sample: Uint8Array,
  width: number,
  height: number,
  imageType: number,
  frame: Uint8Array,
): void {
  const sampleWidth = sample[0] | (sample[1] << 8),
    sampleHeight = sample[2] | (sample[3] << 8),
    channels = sample[4] === 0 ? 1 : 3,
    left = (width - (sampleWidth * height) / sampleHeight) >> 1;
  for (let y = 0, at = 0; y < height; y++)
    for (let x = 0; x < width; x++, at++) {
      const column = (((x - left) * sampleHeight) / height) | 0,
        row = ((y * sampleHeight) / height) | 0,
        p = HEADER + (row * sampleWidth + column) * channels;
      if (x < left || column >= sampleWidth) put(frame, at, imageType, 0, 0, 0);
      else put(frame, at, imageType, sample[p], sample[p + (channels >> 1)], sample[p + channels - 1]);
    }
}

/** Stores pixel `at` of a frame, in the camera's order of bytes. */
function put(frame: Uint8Array, at: number, imageType: number, r: number, g: number, b: number): void {
  const high = (r & 0xf8) | (g >> 5),
    low = ((g & 0x1c) << 3) | (b >> 3),
    luma = 77 * r + 150 * g + 29 * b;
  switch (imageType) {
    case ImageType.rgb565le:
      frame[2 * at] = low;
      frame[2 * at + 1] = high;
      return;
    case ImageType.rgb565be:
      frame[2 * at] = high;
      frame[2 * at + 1] = low;
      return;
    case ImageType.rgb24:
      frame[3 * at] = r;
      frame[3 * at + 1] = g;
      frame[3 * at + 2] = b;
      return;
    case ImageType.yuv422:
      // Of BT.601, 16 to 235; U is taken from the left one of two neighbours, V from the right one.
      frame[2 * at] = 16 + ((luma * 219) >> 16);
      frame[2 * at + 1] =
        at & 1 ? 128 + ((112 * r - 94 * g - 18 * b) >> 8) : 128 + ((112 * b - 74 * g - 38 * r) >> 8);
      return;
    default:
      frame[at] = luma >> 8;
  }
}
