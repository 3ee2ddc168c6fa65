/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { FlintError } from '../../src/error';
import { writeImage } from '../../src/image';
import { run, runTraced, topK, traceLine, writeGoldenInput, type Model } from '../../src/model';
import { decode } from '../images';
import { openModel } from '../model-file';
import { writeWhole } from '../write';

export interface RunFlags {
  'input-raw'?: string;
  'output-raw'?: string;
  top?: number;
  trace?: boolean;
}

function infer(model: Model, trace: boolean | undefined): void {
  if (trace) runTraced(model, (i, crc) => console.log(traceLine(model, i, crc)));
  else run(model);
}

/** Concatenated raw tensors in, concatenated raw tensors out: all inputs of one inference, then of the next. */
function runRaw(model: Model, path: string, flags: RunFlags): void {
  if (!existsSync(path)) throw new FlintError(`${path}: no such file`);
  const bytes = new Int8Array(readFileSync(path)), size = model.inputs.reduce((sum, t) => sum + t.length, 0);
  if (!bytes.length || bytes.length % size) throw new FlintError(`${path}: ${bytes.length} bytes are no whole number of inputs of ${size} bytes`);
  const results: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; ) {
    for (const tensor of model.inputs) tensor.set(bytes.subarray(at, (at += tensor.length)));
    if (flags.trace) console.log(`input ${at / size - 1}`);
    infer(model, flags.trace);
    results.push(...model.outputs.map((t) => Uint8Array.from(t)));
    if (!flags['output-raw'] && !flags.trace) console.log(model.outputs.map((t) => t.join(' ')).join(' | '));
  }
  if (flags['output-raw']) writeWhole(flags['output-raw'], Buffer.concat(results));
}

export async function runCommand(path: string, images: string[], flags: RunFlags): Promise<void> {
  const model = openModel(path), top = flags.top ?? 1;
  if (!Number.isInteger(top) || top < 1) throw new FlintError(`--top ${top}: a positive whole number is needed`);
  if (flags['input-raw']) return runRaw(model, flags['input-raw'], flags);
  if (flags['output-raw'] && images.length === 0) throw new FlintError('--output-raw needs --input-raw or images');
  if (!images.length) {
    if (!flags.trace) throw new FlintError('no images given; --input-raw takes raw tensors, --trace alone runs the golden input');
    writeGoldenInput(model);
    console.log('golden input');
    return infer(model, true);
  }
  const results: Uint8Array[] = [];
  for (const image of images) {
    const { pixels, width, height, format } = await decode(image);
    writeImage(model, pixels, width, height, format);
    if (flags.trace) console.log(image);
    infer(model, flags.trace);
    results.push(Uint8Array.from(model.outputs[0]));
    console.log(`${image}: ${topK(model, top).map((s) => `${s.label || s.index} ${s.score.toFixed(3)}`).join(', ')}`);
  }
  if (flags['output-raw']) writeWhole(flags['output-raw'], Buffer.concat(results));
}
