/// <reference types="node" />
/** Quantized files that once failed: they pack without an image recipe, and give what ONNX Runtime gives. */
import { existsSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { pack } from '../../host/pack';
import { openImages } from '../../host/images/set';
import { imageConverter } from '../../host/images/preprocess';
import { runSession } from '../../host/quantize/calibrate';
import { readFlags } from '../../host/recipe/flags';
import { readRecipe } from '../../host/recipe/read';
import { withFlags } from '../../host/recipe/with-flags';
import { load, run } from '../../src/model';
import { testIf } from '../support/skip';

const folder = '../shared/cases',
  pictures = [`${folder}/images-rgb`, `${folder}/test-images-rgb`];

/** @returns the share of outputs that are equal; the others differ by one */
async function share(path: string): Promise<number> {
  const recipe = readRecipe(path),
    { file, lowered } = await pack(recipe),
    { tensors, inputs, outputs } = lowered.graph,
    input = tensors.get(inputs[0])!,
    { scale, zeroPoint } = tensors.get(outputs[0])!.quantization!,
    seen = withFlags(recipe, readFlags('pack', { 'input-size': '16x16' })).input!,
    convert = imageConverter(seen, input.quantization!),
    model = load(file.buffer),
    session = await InferenceSession.create(path, {
      graphOptimizationLevel: 'disabled',
      logSeverityLevel: 3,
    });
  let equal = 0,
    total = 0;
  for (const images of pictures.map((where) => openImages({ images: where }, [])))
    for (let i = 0; i < images.length; i++) {
      const values = convert(await images.image(i)),
        real = Float32Array.from(
          values,
          (v) => input.quantization!.scale * (v - input.quantization!.zeroPoint),
        ),
        { data } = (await runSession(session, real, [input]))[session.outputNames[0]];
      model.inputs[0].set(values);
      run(model);
      model.outputs[0].forEach((v, k) => {
        const wanted = Math.round((data as Float32Array)[k] / scale) + zeroPoint;
        assert.ok(Math.abs(v - wanted) <= 1, `image ${i}, output ${k}: ${v}, ONNX Runtime has ${wanted}`);
        equal += v === wanted ? 1 : 0;
        total++;
      });
    }
  return equal / total;
}

for (const [name, least] of [
  ['qdq-float-output/output_unquantized', 0.9],
  ['qdq-pool-own-scale/gap_other_scale', 0.97],
  ['qdq-pool-own-scale/maxpool_other_scale', 0.9],
  ['qdq-softmax-calibrated-scale/softmax_calibrated', 0.8],
  ['qdq-told-float/gap_same_scale', 0.95],
  ['qdq-weights-minus-128/weights_minus_128', 0.97],
] as const) {
  const path = `${folder}/${name}.onnx`;
  testIf(existsSync(path), `${path} is not there`)(
    `${name} packs and gives ONNX Runtime's outputs`,
    async () => {
      const equal = await share(path);
      assert.ok(equal >= least, `${equal} of the outputs are equal`);
    },
  );
}

test.run();
