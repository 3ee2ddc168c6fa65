/**
 * The app's loop: a frame becomes the model's input where the camera has it, then the model runs, a part at
 * a time, so that buttons and timers are answered meanwhile; the answer is averaged over frames and shown.
 */
/// <reference path="./camera.d.ts" />
import type { CameraFrame } from 'embedded:io/image/in/camera';
import { writeImage, type PixelFormat, type Rotation } from 'flint/image';
import { FlintError, output, step, topK, type Model } from 'flint/model';
import { addTo, emptyAverage } from './smoothing';

/** What of a camera the loop needs. */
export interface Source {
  readonly width: number;
  readonly height: number;
  readonly imageType: number;
  read(): CameraFrame | undefined;
}

/** What is shown after each frame. */
export interface Answer {
  label: string;
  score: number;
  /** Microseconds from one answer to the next, averaged; 0 before the second one. */
  interval: number;
  /** Microseconds that the model ran for a frame, averaged: some clocks only know milliseconds. */
  inference: number;
  frozen: boolean;
}

/** Where frames and answers are shown: a display, or lines of text. */
export interface View {
  /** The frame is gone when this returns. */
  frame(frame: CameraFrame, source: Source): void;
  answer(answer: Answer): void;
  /** Why the app cannot go on, or what it waits for. */
  say(message: string): void;
}

export interface Settings {
  /** Of the source's frames. */
  format: PixelFormat;
  /** As the camera is mounted; see writeImage. */
  rotation: Rotation;
  mirror: boolean;
  /** Over how many frames scores are averaged. */
  smoothing: number;
}

/** What the machine gives. */
export interface Clock {
  /** Microseconds. */
  now(): number;
  /** Calls soon, after what else waits. */
  later(call: () => void): void;
}

export interface Watch {
  /** To be called when the source has a frame. */
  onReadable(source: Source): void;
  /** Holds the frame and its answer, or goes on. */
  toggle(): void;
}

/** Microseconds that the model runs at most before others have their turn, one operator's time aside. */
const TURN = 10_000;
/** Times are averaged over about so many frames. */
const FRAMES = 8;

export function watch(
  model: Model,
  view: View,
  { format, rotation, mirror, smoothing }: Settings,
  clock: Clock,
): Watch {
  if (!model.recipe) throw new FlintError('the model takes no images: it has no preprocessing recipe');
  const answer: Answer = { label: '', score: 0, interval: 0, inference: 0, frozen: false };
  let average = emptyAverage(output(model).length),
    running = false,
    time = 0,
    last = 0;

  function goOn(): void {
    const start = clock.now();
    let more = true;
    while (more && clock.now() - start < TURN) more = step(model);
    time += clock.now() - start;
    if (more) clock.later(goOn);
    else finish();
  }

  function finish(): void {
    running = false;
    addTo(average, output(model), smoothing);
    const [best] = topK(model, 1, average.values),
      now = clock.now();
    if (last) answer.interval += (now - last - answer.interval) / (answer.interval ? FRAMES : 1);
    last = now;
    answer.inference += (time - answer.inference) / (answer.inference ? FRAMES : 1);
    answer.label = best.label || String(best.index);
    answer.score = best.score;
    view.answer(answer);
  }

  return {
    onReadable(source) {
      const frame = source.read();
      if (!frame) return;
      try {
        // A camera has few frames: what comes while the model runs is given back, so that the next one is new.
        if (running || answer.frozen) return;
        writeImage(model, new Uint8Array(frame), source.width, source.height, format, rotation, mirror);
        view.frame(frame, source);
      } finally {
        frame.close();
      }
      running = true;
      time = 0;
      clock.later(goOn);
    },
    toggle() {
      answer.frozen = !answer.frozen;
      if (!answer.frozen) {
        average = emptyAverage(average.values.length);
        last = 0;
      }
      // While the model runs, its answer is about to come.
      if (!running && answer.label) view.answer(answer);
    },
  };
}
