/**
 * The device app: tests itself, then classifies the sample images that were packed beside the model, and
 * traces what it finds. Nothing here knows which model it is; all of that is in the file.
 */
import Instrumentation from 'instrumentation';
import Resource from 'Resource';
import Time from 'time';
import { writeImage, type PixelFormat } from 'flint/image';
import { label, load, run, selfTest, topK } from 'flint/model';
import { profile } from 'flint/profile';

/**
 * A sample resource begins with these bytes: width and height (16 bits each), pixel format, true class, two
 * of nothing.
 */
const SAMPLE_HEADER = 8;

/** Of microseconds, as text. */
const milliseconds = (time: number): string => (time / 1000).toFixed(1);

// The PC's host tells which engine it is and what it may use; a device has just the one it was built with.
const { Engine } = globalThis as { Engine?: { version: string; heap(): { ramLimit: number } } };
const file = new Resource('model.flint');
const now = (): number => Time.microseconds ?? Time.ticks * 1000,
  loading = now();
const model = load(file, Engine?.heap().ramLimit);
trace(`model of ${file.byteLength} bytes in flash, arena of ${model.arena.length} bytes, `);
trace(`loaded in ${milliseconds(now() - loading)} ms; kernels ${model.engine}\n`);
trace("golden input, CRC-32 of every operator's output:\n");
selfTest(model, (line) => trace(line, '\n'));
trace('self-test passed: every operator gives the bytes the packer computed\n');

let count = 0,
  correct = 0,
  slowest = 0;
while (Resource.exists(`sample${count}.image`)) {
  const sample = new Uint8Array(new Resource(`sample${count}.image`) as unknown as ArrayBuffer);
  const width = sample[0] | (sample[1] << 8),
    height = sample[2] | (sample[3] << 8),
    truth = sample[5];
  writeImage(model, sample.subarray(SAMPLE_HEADER), width, height, sample[4] as PixelFormat);
  const start = now();
  run(model);
  const time = now() - start,
    best = topK(model, 1)[0];
  if (time > slowest) slowest = time;
  if (best.index === truth) correct++;
  const verdict = best.index === truth ? 'right' : `wrong, it is ${label(model, truth)}`;
  trace(
    `sample ${count}: ${best.label || best.index} ${best.score.toFixed(3)}, ${milliseconds(time)} ms, ${verdict}\n`,
  );
  count++;
}
const used = (key: Parameters<typeof Instrumentation.map>[0]): number | undefined =>
  Instrumentation.get(Instrumentation.map(key));
// known in instrumented builds only
const chunks = used('XS Chunk Heap Used'),
  slots = used('XS Slot Heap Used');
if (chunks !== undefined) trace(`heap in use: ${chunks} bytes of chunks, ${slots} bytes of slots; `);
trace(`slowest run ${milliseconds(slowest)} ms\n`);
trace('microseconds and multiply-adds of each operator:\n');
for (const { name, microseconds, work } of profile(model))
  trace(`${String(microseconds).padStart(9)} ${String(work).padStart(10)}  ${name}\n`);
trace(`classified ${count} images, ${correct} correct${Engine ? `, on XS ${Engine.version}` : ''}\n`);
