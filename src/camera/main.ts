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

/** The engine on the laptop, where the app is tried. */
const { screen, Engine } = globalThis as { screen?: PixelsOut; Engine?: object },
  now = (): number => Time.microseconds ?? Time.ticks * 1000,
  view = screen ? screenView(screen) : printView(say, now);
let camera: Camera | undefined;

/** What goes wrong stays to be read: a device would restart. The laptop's shell wants to know. */
function guarded(work: () => void): void {
  try {
    work();
  } catch (error) {
    camera?.stop();
    view.say(String(error));
    if (Engine) throw error;
  }
}

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
  const source = (camera = new Camera({
    width: frameWidth,
    height: frameHeight,
    imageType,
    format: 'buffer/disposable',
    onReadable: () => guarded(() => watching.onReadable(source)),
  }));
  onPress(() => watching.toggle());
  view.say(`frames of ${source.width} x ${source.height}, kernels ${model.engine}, model in ${where}`);
  source.start();
}

guarded(() => start(config as unknown as Config));
