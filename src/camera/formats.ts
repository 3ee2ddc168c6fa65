/** How Moddable's cameras and displays name what pixels are made of, and what writeImage calls it. */
import { FlintError } from 'flint/model';
import { PixelFormat } from 'flint/image';

/** The numbers of commodetto/Bitmap. */
export const enum ImageType {
  /** One byte a pixel: what the ESP32's camera gives under this name, though displays have a bit. */
  monochrome = 3,
  gray256 = 5,
  rgb565le = 7,
  rgb565be = 8,
  rgb24 = 9,
  yuv422 = 20,
}

/** @throws FlintError for a type that a camera may have and writeImage has not, such as JPEG */
export function pixelFormatOf(imageType: number): PixelFormat {
  switch (imageType) {
    case ImageType.monochrome:
    case ImageType.gray256:
      return PixelFormat.gray;
    case ImageType.rgb565le:
      return PixelFormat.rgb565le;
    case ImageType.rgb565be:
      return PixelFormat.rgb565be;
    case ImageType.rgb24:
      return PixelFormat.rgb888;
    case ImageType.yuv422:
      return PixelFormat.yuv422;
  }
  throw new FlintError(`frames of image type ${imageType} cannot be read: set imageType to 3, 7, 8, 9 or 20`);
}
