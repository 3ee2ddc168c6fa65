/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { FlintError } from '../../src/error';
import { run, selfTest } from '../../src/model';
import { describe, openModel } from '../model-file';

export interface ValidateFlags {
  'input-raw'?: string;
  against?: string;
}

function raw(path: string): Int8Array {
  if (!existsSync(path)) throw new FlintError(`${path}: no such file`);
  return new Int8Array(readFileSync(path));
}

export function validateCommand(path: string, flags: ValidateFlags): void {
  const model = openModel(path), about = describe(model);
  console.log(`structure and checksum are right: ${about.operators.length} operators, ${about.tensors.length} tensors`);
  if (!about.selfTest) throw new FlintError(`${path}: the model has no golden input`);
  selfTest(model);
  console.log('golden test passed: every operator gives the bytes the packer computed');
  if (!flags.against) return;
  if (!flags['input-raw']) throw new FlintError('--against needs --input-raw, the inputs whose outputs are compared');
  const inputs = raw(flags['input-raw']), expected = raw(flags.against);
  const inSize = model.inputs.reduce((sum, t) => sum + t.length, 0), outSize = model.outputs.reduce((sum, t) => sum + t.length, 0),
    count = inputs.length / inSize;
  if (!Number.isInteger(count) || expected.length !== count * outSize)
    throw new FlintError(`${inputs.length} bytes of inputs of ${inSize}, ${expected.length} bytes of outputs of ${outSize}: they do not belong together`);
  for (let n = 0, at = 0, from = 0; n < count; n++) {
    for (const tensor of model.inputs) tensor.set(inputs.subarray(at, (at += tensor.length)));
    run(model);
    for (const tensor of model.outputs)
      for (let i = 0; i < tensor.length; i++, from++)
        if (tensor[i] !== expected[from]) throw new FlintError(`input ${n}: output byte ${i} is ${tensor[i]}, ${flags.against} has ${expected[from]}`);
  }
  console.log(`${count} outputs equal ${flags.against}`);
}
