/**
 * An app that sees: what the model says of the camera's frames, on the display, or in lines of text where
 * there is none. Which model, which size of frames, and how the camera is mounted is said by manifest.json.
 */
/// <reference path="./camera.d.ts" />
import type PixelsOut from 'commodetto/PixelsOut';
import Camera from 'embedded:io/image/in/camera';
import config from 'mc/config';
import Time from 'time';
import Timer from 'timer';
import type { Rotation } from 'flint/image';
import { load, selfTest } from 'flint/model';
import { say } from 'flint/say';
import { findModel } from 'flint/store';
import { ImageType, pixelFormatOf } from './formats';
import { printView } from './lines';
import { onPress } from './press';
import { screenView } from './screen';
import { watch } from './watch';

/** The manifest's config. */
interface Config {
  frameWidth: number;
  frameHeight: number;
  /** Of frames; without it, what the display takes. */
  imageType?: number;
  rotateFrames: Rotation;
  mirrorFrames: boolean;
  smoothing: number;
}

const { screen } = globalThis as { screen?: PixelsOut },
  now = (): number => Time.microseconds ?? Time.ticks * 1000,
  view = screen ? screenView(screen) : printView(say, now);

/** @throws where there is no such model, or it takes no such frames, or no camera answers */
function start({ frameWidth, frameHeight, imageType, rotateFrames, mirrorFrames, smoothing }: Config): void {
  view.say('loading');
  const { model, where } = findModel((file) => {
    const loaded = load(file);
    selfTest(loaded);
    return loaded;
  }, view.say);
  imageType ??= screen?.pixelFormat === ImageType.rgb565be ? ImageType.rgb565be : ImageType.rgb565le;
  const frames = {
      format: pixelFormatOf(imageType),
      rotation: rotateFrames,
      mirror: mirrorFrames,
      smoothing,
    },
    watching = watch(model, view, frames, { now, later: (call) => void Timer.set(call) });
  view.say('waiting for the camera');
  const camera = new Camera({
    width: frameWidth,
    height: frameHeight,
    imageType,
    format: 'buffer/disposable',
    onReadable: () => watching.onReadable(camera),
  });
  onPress(() => watching.toggle());
  view.say(`frames of ${camera.width} x ${camera.height}, kernels ${model.engine}, model in ${where}`);
  camera.start();
}

try {
  start(config as unknown as Config);
} catch (error) {
  view.say(String(error));
  throw error;
}
