/// <reference types="node" />
/** Whole ONNX files: packed as people pack them, and compared with ONNX Runtime on the same images. */
import { imageConverter } from '../../host/images/preprocess';
import { openImages } from '../../host/images/set';
import type { Packed } from '../../host/finish';
import { sourceOf } from '../../host/open';
import { pack } from '../../host/pack';
import { floatSession, inputsOf, runSession } from '../../host/quantize/calibrate';
import { withFlags } from '../../host/recipe/with-flags';
import { readRecipe } from '../../host/recipe/read';
import { readFlags } from '../../host/recipe/flags';
import { viewed } from '../../host/view';
import { load, run } from '../../src/model';

/** How near int8 comes to float over some inputs. */
export interface Agreement {
  /** Signal over error of all outputs, in decibels. */
  decibels: number;
  /** Share of the inputs for which the largest output is the same. */
  top1: number;
}

/** Packs a file with options of the command line. */
export const packed = (path: string, flags: Record<string, string>): Promise<Packed> =>
  pack(withFlags(readRecipe(path), readFlags('pack', flags)));

const largest = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((best, v, i) => (v > values[best] ? i : best), 0);

/**
 * Compares a packed model with its source.
 * @param samples one list of int8 tensors, for each of the model's inputs, after the other
 */
export async function agreement(
  path: string,
  { file, lowered: { graph } }: Packed,
  samples: Int8Array[][],
): Promise<Agreement> {
  const device = load(file.buffer),
    [name] = graph.inputs,
    session = await floatSession(await sourceOf(path, { name, shape: graph.tensors.get(name)!.shape })),
    inputs = inputsOf(graph);
  let signal = 0,
    noise = 0,
    same = 0;
  for (const sample of samples) {
    sample.forEach((values, i) => device.inputs[i].set(values));
    run(device);
    const reals = sample.map((values, i) => {
        const { scale, zeroPoint } = inputs[i].quantization!;
        return Float32Array.from(values, (q) => Math.fround(scale) * (q - zeroPoint));
      }),
      results = await runSession(session, reals, inputs);
    graph.outputs.forEach((name, i) => {
      const { quantization, view } = graph.tensors.get(name)!,
        { scale, zeroPoint } = quantization!,
        exact = viewed(results[session.outputNames[i]].data as Float32Array, view),
        got = Float32Array.from(device.outputs[i], (q) => scale * (q - zeroPoint));
      if (got.length !== exact.length)
        throw new Error(`output ${name} has ${got.length} values, not ${exact.length}`);
      exact.forEach((v, k) => ((signal += v * v), (noise += (v - got[k]) ** 2)));
      if (i === 0 && largest(exact) === largest(got)) same++;
    });
  }
  return { decibels: 10 * Math.log10(signal / (noise || Number.MIN_VALUE)), top1: same / samples.length };
}

/** The same on the images of folders. */
export async function agreementOnImages(
  path: string,
  flags: Record<string, string>,
  folders: string[],
): Promise<Agreement> {
  const recipe = withFlags(readRecipe(path), readFlags('pack', flags)),
    result = await pack(recipe),
    { graph } = result.lowered,
    convert = imageConverter(recipe.input!, graph.tensors.get(graph.inputs[0])!.quantization!),
    samples: Int8Array[][] = [];
  for (const images of folders) {
    const set = openImages({ images });
    for (let i = 0; i < set.length; i++) samples.push([convert(await set.image(i))]);
  }
  return agreement(path, result, samples);
}
