/** Moddable's camera, as modules/io/imagein/camera of SDK 8.2 has it; the SDK's typings lack it. */
declare module 'embedded:io/image/in/camera' {
  /** A frame where the driver has it. Reads as an ArrayBuffer does until it is closed. */
  export type CameraFrame = ArrayBuffer & {
    /** Gives the frame back. The driver has three, and delivers none while all are out. */
    close(): void;
  };

  export interface CameraOptions {
    /** The camera takes the next larger size that it has: see its `width` and `height`. */
    width?: number;
    height?: number;
    /** One of commodetto/Bitmap's pixel formats; see ImageType in formats.ts. */
    imageType?: number;
    /** What `read` returns: a copy, or the driver's own memory. */
    format?: 'buffer' | 'buffer/disposable';
    /** A frame can be read. */
    onReadable?: (this: Camera) => void;
  }

  class Camera {
    constructor(options: CameraOptions);
    /** The oldest frame that was not read yet, if there is one. With format "buffer/disposable". */
    read(): CameraFrame | undefined;
    start(): void;
    stop(): void;
    close(): void;
    readonly width: number;
    readonly height: number;
    readonly imageType: number;
  }
  export default Camera;
}
