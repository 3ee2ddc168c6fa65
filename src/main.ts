/**
 * The device app: tests itself, then classifies the sample images that were packed beside the model, and says
 * what it finds. Nothing here knows which model it is; all of that is in the file.
 */
import Instrumentation from 'instrumentation';
import Resource from 'Resource';
import Time from 'time';
import Timer from 'timer';
import { writeImage, type PixelFormat } from 'flint/image';
import { label, load, selfTest, step, topK, writeGoldenInput } from 'flint/model';
import { profile } from 'flint/profile';
import { say } from 'flint/say';
import { findModel } from 'flint/store';

/**
 * A sample resource begins with these bytes: width and height (16 bits each), pixel format, true class, two
 * of nothing.
 */
const SAMPLE_HEADER = 8;

/** The engine on the laptop, where the app is tried. */
const { Engine } = globalThis as { Engine?: { version: string } };

const now = (): number => Time.microseconds ?? Time.ticks * 1000,
  /** Of microseconds, as text. */
  milliseconds = (time: number): string => (time / 1000).toFixed(1);

/** A device that restarts on an error would say nothing of it; the laptop's shell wants to know. */
function guarded(work: () => void): void {
  try {
    work();
  } catch (error) {
    say(`stopped: ${(error as Error).message}`);
    if (Engine) throw error;
  }
}

function start(): void {
  const { model, where } = findModel((file) => {
    const loading = now(),
      opened = load(file),
      loaded = milliseconds(now() - loading);
    say(
      `model of ${file.byteLength} bytes in flash, arena of ${opened.arena.length} bytes, loaded in ${loaded} ms; ` +
        `kernels ${opened.engine}`,
    );
    say("golden input, CRC-32 of every operator's output:");
    selfTest(opened, say);
    say('self-test passed: every operator gives the bytes the packer computed');
    return opened;
  }, say);
  say(`the model was found in ${where}`);

  let count = 0,
    correct = 0,
    slowest = 0,
    time = 0;

  /** Writes the next sample into the model, and tells its true class; undefined after the last. */
  const nextSample = (): number | undefined => {
    const name = `sample${count}.image`;
    if (!Resource.exists(name)) return undefined;
    const sample = new Uint8Array(new Resource(name) as unknown as ArrayBuffer),
      width = sample[0] | (sample[1] << 8),
      height = sample[2] | (sample[3] << 8);
    writeImage(model, sample.subarray(SAMPLE_HEADER), width, height, sample[4] as PixelFormat);
    return sample[5];
  };

  const finish = (): void => {
    // known in instrumented builds only
    const used = (key: Parameters<typeof Instrumentation.map>[0]): number | undefined =>
        Instrumentation.get(Instrumentation.map(key)),
      chunks = used('XS Chunk Heap Used'),
      slots = used('XS Slot Heap Used');
    if (chunks !== undefined) say(`heap in use: ${chunks} bytes of chunks, ${slots} bytes of slots`);
    say(`slowest run ${milliseconds(slowest)} ms`);
    say('microseconds and multiply-adds of each operator:');
    writeGoldenInput(model);
    for (const { name, microseconds, work } of profile(model))
      say(`${String(microseconds).padStart(9)} ${String(work).padStart(10)}  ${name}`);
    say(`classified ${count} images, ${correct} correct${Engine ? `, on XS ${Engine.version}` : ''}`);
  };

  /** One operator; then timers, watchdog and network have their turn. */
  const work = (truth: number): void => {
    const began = now(),
      more = step(model);
    time += now() - began;
    if (more) return later(() => work(truth));
    const best = topK(model, 1)[0],
      verdict = best.index === truth ? 'right' : `wrong, it is ${label(model, truth)}`;
    say(
      `sample ${count}: ${best.label || best.index} ${best.score.toFixed(3)}, ${milliseconds(time)} ms, ${verdict}`,
    );
    if (best.index === truth) correct++;
    if (time > slowest) slowest = time;
    count++;
    time = 0;
    later(begin);
  };
  const begin = (): void => {
    const truth = nextSample();
    if (truth === undefined) finish();
    else work(truth);
  };
  const later = (what: () => void): void => void Timer.set(() => guarded(what));
  begin();
}

guarded(start);
