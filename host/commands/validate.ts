/// <reference types="node" />
import { FlintError } from '../../src/error';
import { run, selfTest, type Model } from '../../src/model';
import { describe, openModel } from '../file/describe';
import type { Flags } from '../recipe/flags';
import { readBytes } from '../system/read';
import { json, print } from '../system/terminal';

const raw = (path: string): Int8Array => new Int8Array(readBytes(path).buffer);
const sizeOf = (tensors: Int8Array[]): number => tensors.reduce((sum, t) => sum + t.length, 0);

/** flint validate: structure, checksum, golden test, and outputs that are known. */
export function validateCommand(path: string, flags: Flags['validate']): void {
  const model = openModel(path),
    about = describe(model);
  const say = (text: string): void => (flags.json ? undefined : print(text));
  say(
    `structure and checksum are right: ${about.operators.length} operators, ${about.tensors.length} tensors`,
  );
  if (!about.selfTest) throw new FlintError(`${path}: the model has no golden input`);
  selfTest(model);
  say('golden test passed: every operator gives the bytes the packer computed');
  const compared = flags.against
    ? compareOutputs(model, flags['input-raw']!, flags.against, about.rounding)
    : undefined;
  if (compared) say(`${compared} outputs equal ${flags.against}`);
  if (flags.json)
    print(
      json(
        {
          model: path,
          operators: about.operators.length,
          tensors: about.tensors.length,
          golden: 'passed',
          compared,
        },
        2,
      ),
    );
}

/** Who rounds otherwise: the first thing to think of where outputs are not those of another machine. */
const ELSEWHERE = {
  double:
    'the model rounds twice, as TensorFlow Lite Micro; outputs of TFLite with XNNPACK or of ONNX Runtime need ' +
    'one that is packed with --rounding single',
  single:
    'the model rounds once, as TFLite with XNNPACK and ONNX Runtime; outputs of TensorFlow Lite Micro need one ' +
    'that is packed with --rounding double',
};

/** @returns how many outputs are equal */
function compareOutputs(
  model: Model,
  inputPath: string,
  expectedPath: string,
  rounding: 'double' | 'single',
): number {
  const inputs = raw(inputPath),
    expected = raw(expectedPath),
    inSize = sizeOf(model.inputs),
    outSize = sizeOf(model.outputs),
    count = inputs.length / inSize;
  if (!count || !Number.isInteger(count) || expected.length !== count * outSize)
    throw new FlintError(
      `${inputs.length} bytes of inputs of ${inSize}, ${expected.length} bytes of outputs of ${outSize}: ` +
        'they do not belong together',
    );
  for (let n = 0, at = 0, from = 0; n < count; n++) {
    for (const tensor of model.inputs) tensor.set(inputs.subarray(at, (at += tensor.length)));
    run(model);
    for (const tensor of model.outputs)
      for (let i = 0; i < tensor.length; i++, from++)
        if (tensor[i] !== expected[from])
          throw new FlintError(
            `input ${n}: output byte ${i} is ${tensor[i]}, ${expectedPath} has ${expected[from]}; ` +
              ELSEWHERE[rounding],
          );
  }
  return count;
}
