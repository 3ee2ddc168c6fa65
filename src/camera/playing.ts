/**
 * The camera of a computer that has none: the module embedded:io/image/in/camera of the simulator and of
 * tests. It plays the sample images that were packed beside the model, each for a while, in a circle.
 */
/// <reference path="./camera.d.ts" />
import type { CameraFrame, CameraOptions } from 'embedded:io/image/in/camera';
import Resource from 'Resource';
import Timer from 'timer';
import { FlintError } from 'flint/model';
import { ImageType } from 'camera/formats';
import { bytesOfFrame, drawSample } from 'camera/picture';

/** As many as the ESP32's driver has. */
const FRAMES = 3;
/** Milliseconds from frame to frame. */
const PERIOD = 100;
/** How often a picture is shown before the next one. */
const REPEATS = 20;

/** One of the camera's frames, and the picture in it. */
interface Frame {
  pixels: Uint8Array<ArrayBuffer>;
  picture: string;
}

export default class Camera {
  readonly width: number;
  readonly height: number;
  readonly imageType: number;
  readonly #onReadable: () => void;
  /** Frames that are not out. */
  readonly #free: Frame[] = [];
  readonly #ready: Frame[] = [];
  #shown = 0;
  #timer: Timer | undefined;

  /** @throws where the model was packed without samples */
  constructor({ width = 160, height = 120, imageType = ImageType.rgb565le, onReadable }: CameraOptions) {
    if (!Resource.exists('sample0.image'))
      throw new FlintError('there are no pictures to play: pack the model with "samples" in its model.json');
    this.width = width;
    this.height = height;
    this.imageType = imageType;
    this.#onReadable = () => onReadable?.call(this);
    const bytes = bytesOfFrame(width, height, imageType);
    for (let i = 0; i < FRAMES; i++) this.#free.push({ pixels: new Uint8Array(bytes), picture: '' });
  }

  start(): void {
    this.#timer ??= Timer.repeat(() => this.#capture(), PERIOD);
  }

  stop(): void {
    Timer.clear(this.#timer);
    this.#timer = undefined;
  }

  close(): void {
    this.stop();
  }

  read(): CameraFrame | undefined {
    const frame = this.#ready.shift();
    if (!frame) return undefined;
    const close = (): void => void this.#free.push(frame);
    return Object.assign(frame.pixels.buffer, { close });
  }

  #capture(): void {
    const frame = this.#free.shift();
    if (!frame) return;
    let picture = `sample${(this.#shown++ / REPEATS) | 0}.image`;
    if (!Resource.exists(picture)) {
      this.#shown = 1;
      picture = 'sample0.image';
    }
    if (frame.picture !== picture) {
      const sample = new Uint8Array(new Resource(picture) as unknown as ArrayBuffer);
      drawSample(sample, this.width, this.height, this.imageType, frame.pixels);
      frame.picture = picture;
    }
    this.#ready.push(frame);
    this.#onReadable();
  }
}
