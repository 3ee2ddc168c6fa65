/// <reference types="node" />
import { describe, openModel } from '../model-file';
import { bytes, table } from '../table';

export function inspectCommand(path: string, flags: { json?: boolean }): void {
  const about = describe(openModel(path));
  if (flags.json) return console.log(JSON.stringify(about, null, 2));
  const { tensors, operators, recipe, labels } = about, shape = (i: number): string => tensors[i].shape.join(' x ');
  console.log(`${about.name}: format ${about.formatVersion}, ${about.rounding} rounding, ${bytes(about.fileBytes)} of flash, ${bytes(about.ramBytes)} of RAM with ${bytes(about.arenaBytes)} of arena in it\n`);
  console.log(table(['', 'operator', 'kernel', 'inputs', 'output', 'scale', 'zero point', 'scratch'], operators.map((op, i) => {
    const out = tensors[op.output];
    return [i, op.name, op.kernels, op.inputs.map(shape).join(', '), shape(op.output), out.scale.toPrecision(5), out.zeroPoint, op.scratchBytes];
  })));
  console.log('\n' + table(['tensor', 'address', 'bytes', 'from', 'to'], tensors.map((t) => [t.name, t.address, t.bytes, t.firstUse, t.lastUse])));
  if (recipe) console.log(`\nimage: ${recipe.width} x ${recipe.height} ${recipe.color}, ${recipe.fit}, ${recipe.resize}; q = (pixel * ${recipe.scale.join('/')} + ${recipe.offset.join('/')}) >> 16`);
  else console.log('\nimage: none; inputs are raw int8 tensors');
  console.log(labels.length ? `labels: ${labels.join(', ')}` : 'labels: none');
  console.log(about.selfTest ? 'self-test: yes' : 'self-test: none');
}
