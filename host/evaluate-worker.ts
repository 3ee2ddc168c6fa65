/// <reference types="node" />
/** One thread of an evaluation: every `threads`-th image from `first` on. */
import { parentPort, workerData } from 'node:worker_threads';
import { writeImage } from '../src/image';
import { dequantize, load, run, topK } from '../src/model';
import { Header } from '../src/format';
import type { EvaluationTask, Verdict } from './evaluate';
import { openImages, type Image } from './images';

const { file, source, labels, float, first, threads, limit } = workerData as EvaluationTask;
const model = load(file), images = openImages(source, labels), { words } = model;
// Only where it is needed: once threads that loaded ONNX Runtime have ended, no other can load it.
const runtime = float && (await import('./quantize/calibrate')), session = float && (await runtime!.floatSession(float.onnx)),
  input = words[words[Header.inputs] >> 2];
const values = session && Float32Array.from({ length: 256 }, (_, q) => dequantize(model, input, q - 128));

const end = Math.min(images.length, limit), ahead: Promise<Image>[] = []; // images being decoded while others are classified
const AHEAD = 8;
for (let i = first; i < end; i += threads) {
  for (let k = i + ahead.length * threads; ahead.length < AHEAD && k < end; k += threads) ahead.push(images.image(k));
  const { pixels, width, height, format } = await ahead.shift()!;
  writeImage(model, pixels, width, height, format);
  const verdict: Verdict = { index: i, truth: images.label(i), int8: -1 };
  if (session && values) {
    const results = await session.run({ [session.inputNames[0]]: runtime!.onnxInput(Float32Array.from(model.inputs[0], (q) => values[q + 128]), float.shape) });
    const scores = results[session.outputNames[0]].data as Float32Array;
    verdict.float = scores.indexOf(Math.max(...scores));
  }
  run(model);
  verdict.int8 = topK(model, 1)[0].index;
  parentPort!.postMessage(verdict);
}
