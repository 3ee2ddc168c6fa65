/// <reference types="node" />
import { FlintError } from '../../src/error';
import { writeImage } from '../../src/image';
import { run, runTraced, topK, traceLine, writeGoldenInput, type Model } from '../../src/model';
import { modelFile, openModel } from '../file/describe';
import { decode } from '../images/decode';
import type { Flags } from '../recipe/flags';
import { checkOutput, writeFile } from '../system/files';
import { readBytes } from '../system/read';
import { print, printable } from '../system/terminal';

function infer(model: Model, trace: boolean): void {
  if (trace) runTraced(model, (i, crc) => print(traceLine(model, i, crc)));
  else run(model);
}

/** Raw tensors one after the other, in and out: all of one inference, then of the next. */
function runRaw(model: Model, path: string, flags: Flags['run']): Uint8Array[] {
  const bytes = new Int8Array(readBytes(path).buffer),
    size = model.inputs.reduce((sum, t) => sum + t.length, 0);
  if (!bytes.length || bytes.length % size)
    throw new FlintError(`${path}: ${bytes.length} bytes are no whole number of inputs of ${size} bytes`);
  const results: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    for (const tensor of model.inputs) tensor.set(bytes.subarray(at, (at += tensor.length)));
    if (flags.trace) print(`input ${at / size - 1}`);
    infer(model, flags.trace);
    results.push(...model.outputs.map((t) => Uint8Array.from(t)));
    if (!flags['output-raw'] && !flags.trace) print(model.outputs.map((t) => t.join(' ')).join(' | '));
  }
  return results;
}

async function runImages(model: Model, images: string[], flags: Flags['run']): Promise<Uint8Array[]> {
  const results: Uint8Array[] = [];
  for (const image of images) {
    const { pixels, width, height, format } = await decode(image);
    writeImage(model, pixels, width, height, format);
    if (flags.trace) print(image);
    infer(model, flags.trace);
    results.push(...model.outputs.map((t) => Uint8Array.from(t)));
    const best = topK(model, flags.top).map(
      (s) => `${s.label ? printable(s.label) : s.index} ${s.score.toFixed(3)}`,
    );
    print(`${printable(image)}: ${best.join(', ')}`);
  }
  return results;
}

/** flint run: classifies images, or runs raw tensors or the golden input. */
export async function runCommand(path: string, images: string[], flags: Flags['run']): Promise<void> {
  const model = openModel(path),
    raw = flags['input-raw'],
    output = flags['output-raw'];
  if (raw && images.length)
    throw new FlintError('--input-raw runs raw tensors instead of images; leave one of them out');
  if (output) checkOutput(output, [modelFile(path), raw, ...images]);
  if (output && !raw && !images.length) throw new FlintError('--output-raw needs --input-raw or images');
  if (!raw && !images.length) {
    if (!flags.trace)
      throw new FlintError(
        'no images given; --input-raw takes raw tensors, --trace alone runs the golden input',
      );
    writeGoldenInput(model);
    print('golden input');
    return infer(model, true);
  }
  const results = raw ? runRaw(model, raw, flags) : await runImages(model, images, flags);
  if (output) writeFile(output, Buffer.concat(results));
}
