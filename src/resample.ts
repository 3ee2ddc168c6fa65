/** The work of writeImage: crop, resize, colour, then the input's integers. */
import { Color, Fit, Preprocessing, Resize } from './format';

/** How a pixel is stored, in PixelFormat's numbers. */
export const enum Pixel {
  gray,
  rgb888,
  rgb565le,
  rgb565be,
  yuv422,
}

/** How an image is set upright: clockwise turns by 90 degrees, 0 to 3, and then perhaps a mirror. */
export const enum Orientation {
  turns = 3,
  mirror = 4,
}

/** Bytes of a pixel. */
export const pixelBytes = (format: number): number =>
  format === Pixel.gray ? 1 : format === Pixel.rgb888 ? 3 : 2;

/**
 * Fills `input` with an image, by a Preprocessing record. Integers only, no allocation, every value clamped.
 *
 * @param pixels of the size that width, height and format tell; both are at most 32767, and the width is even
 * where two pixels share their colour (yuv422)
 * @param orientation bits of Orientation
 * @param input of the size that the recipe tells
 * @compiled support
 */
export function resample(
  recipe: Int32Array,
  pixels: Uint8Array,
  width: number,
  height: number,
  format: number,
  orientation: number,
  input: Int8Array,
): void {
  const bytes = pixelBytes(format),
    turns = orientation & Orientation.turns,
    isTurned = turns & 1,
    uprightWidth = isTurned ? height : width,
    uprightHeight = isTurned ? width : height;
  // Bytes from a pixel of the upright image to that on its right and to that below.
  let stepX = isTurned ? width * bytes : bytes,
    stepY = isTurned ? bytes : width * bytes;
  if (turns === 1 || turns === 2) stepX = -stepX;
  if (turns >= 2) stepY = -stepY;
  if (orientation & Orientation.mirror) stepX = -stepX;
  // An axis that runs backwards begins at its other end.
  const first = (stepX < 0 ? (1 - uprightWidth) * stepX : 0) + (stepY < 0 ? (1 - uprightHeight) * stepY : 0);

  const outWidth = recipe[Preprocessing.width],
    outHeight = recipe[Preprocessing.height];
  let partWidth = uprightWidth,
    partHeight = uprightHeight;
  if (recipe[Preprocessing.fit] === Fit.cover) {
    // The largest part with the input's proportions; at least one pixel of a very thin image.
    if (uprightWidth * outHeight > uprightHeight * outWidth)
      partWidth = Math.max(1, ((uprightHeight * outWidth) / outHeight) | 0);
    else partHeight = Math.max(1, ((uprightWidth * outHeight) / outWidth) | 0);
  }
  const left = (uprightWidth - partWidth) >> 1,
    top = (uprightHeight - partHeight) >> 1,
    corner = first + top * stepY + left * stepX;
  const same = partWidth === outWidth && partHeight === outHeight,
    smooth = recipe[Preprocessing.resize] === Resize.bilinear && !same;
  const color = recipe[Preprocessing.color];
  const scale0 = recipe[Preprocessing.scale],
    scale1 = recipe[Preprocessing.scale + 1],
    scale2 = recipe[Preprocessing.scale + 2];
  const offset0 = recipe[Preprocessing.offset],
    offset1 = recipe[Preprocessing.offset + 1],
    offset2 = recipe[Preprocessing.offset + 2];

  for (let y = 0, q = 0; y < outHeight; y++) {
    // Position of the row in the part, in units of 1 / (2 * outHeight): whole pixels, and the rest as 256ths.
    const v = smooth
      ? position((2 * y + 1) * partHeight - outHeight, 2 * outHeight, partHeight)
      : (((2 * y + 1) * partHeight) / (2 * outHeight)) << 8;
    const row = corner + (v >> 8) * stepY,
      below = v & 255 ? row + stepY : row;
    // The four neighbours; those on the right are often the next column's on the left.
    let last = -1,
      left0 = 0,
      right0 = 0,
      left1 = 0,
      right1 = 0;
    for (let x = 0; x < outWidth; x++) {
      let rgb: number;
      if (smooth) {
        const u = position((2 * x + 1) * partWidth - outWidth, 2 * outWidth, partWidth),
          p = u >> 8,
          f = u & 255;
        if (p === last) {
          left0 = right0;
          left1 = right1;
        } else {
          left0 = pixel(pixels, row + p * stepX, format);
          left1 = pixel(pixels, below + p * stepX, format);
        }
        last = p;
        right0 = left0;
        right1 = left1;
        if (f) {
          last = p + 1;
          right0 = pixel(pixels, row + last * stepX, format);
          right1 = pixel(pixels, below + last * stepX, format);
        }
        rgb = blend(blend(left0, right0, f), blend(left1, right1, f), v & 255);
      } else
        rgb = pixel(
          pixels,
          row + (same ? x : (((2 * x + 1) * partWidth) / (2 * outWidth)) | 0) * stepX,
          format,
        );
      const r = rgb >> 16,
        g = (rgb >> 8) & 255,
        b = rgb & 255;
      if (color === Color.gray)
        input[q++] = clamp((format === Pixel.gray ? b : (77 * r + 150 * g + 29 * b) >> 8) * scale0 + offset0);
      else {
        input[q++] = clamp((color === Color.bgr ? b : r) * scale0 + offset0);
        input[q++] = clamp(g * scale1 + offset1);
        input[q++] = clamp((color === Color.bgr ? r : b) * scale2 + offset2);
      }
    }
  }
}

/**
 * n / d pixels as 256ths, kept within an axis of `size` pixels.
 *
 * @inline
 */
function position(n: number, d: number, size: number): number {
  if (n <= 0) return 0;
  const whole = (n / d) | 0;
  return whole >= size - 1 ? (size - 1) << 8 : (whole << 8) | ((((n - whole * d) << 8) / d) | 0);
}

/**
 * The pixel at byte p as 0xRRGGBB. A camera's usual format comes first.
 *
 * @inline
 */
function pixel(pixels: Uint8Array, p: number, format: number): number {
  let v: number;
  if (format === Pixel.rgb565le) v = pixels[p] | (pixels[p + 1] << 8);
  else {
    if (format === Pixel.gray) return pixels[p] * 0x10101;
    if (format === Pixel.rgb888) return (pixels[p] << 16) | (pixels[p + 1] << 8) | pixels[p + 2];
    if (format === Pixel.yuv422) return yuv(pixels[p], pixels[(p & -4) + 1], pixels[p | 3]);
    v = (pixels[p] << 8) | pixels[p + 1];
  }
  const r = v >> 11,
    g = (v >> 5) & 63,
    b = v & 31;
  return (((r << 3) | (r >> 2)) << 16) | (((g << 2) | (g >> 4)) << 8) | (b << 3) | (b >> 2);
}

/**
 * A colour of ITU-R BT.601 with Y from 16 to 235 as 0xRRGGBB, by the integers that Moddable's Commodetto uses for
 * YUYV (commodettoConvert.c), too.
 */
function yuv(y: number, u: number, v: number): number {
  const c = 298 * (y - 16) + 128,
    d = u - 128,
    e = v - 128;
  const r = (c + 409 * e) >> 8,
    g = (c - 100 * d - 208 * e) >> 8,
    b = (c + 516 * d) >> 8;
  return (byte(r) << 16) | (byte(g) << 8) | byte(b);
}

/** The value kept within 0 to 255. */
const byte = (v: number): number => (v < 0 ? 0 : v > 255 ? 255 : v);

/**
 * a + (b - a) * f / 256 in each of the three bytes, rounded; red and blue by one multiplication.
 *
 * @inline
 */
function blend(a: number, b: number, f: number): number {
  if (f === 0 || a === b) return a;
  const rb = a & 0xff00ff,
    g = a & 0xff00;
  return (
    ((((rb << 8) + Math.imul((b & 0xff00ff) - rb, f) + 0x800080) >>> 8) & 0xff00ff) |
    ((((g << 8) + ((b & 0xff00) - g) * f + 0x8000) >> 8) & 0xff00)
  );
}

/** The 16.16 fixed-point value as an int8. */
function clamp(v: number): number {
  v >>= 16;
  return v < -128 ? -128 : v > 127 ? 127 : v;
}
