import { describe, openModel } from '../file/describe';
import type { Flags } from '../recipe/flags';
import { bytes, json, lineWidth, print, printable, table, wrapped } from '../system/terminal';

/** A line that goes on below where it is too long. */
const say = (text: string): void => print(wrapped(text, lineWidth() - 2).join('\n  '));

/** flint inspect: everything a model file says of itself. */
export function inspectCommand(path: string, flags: Flags['inspect']): void {
  const about = describe(openModel(path));
  if (flags.json) return print(json(about, 2));
  const { tensors, operators, preprocessing, labels } = about,
    shape = (i: number): string => tensors[i].shape.join(' x ');
  const ram = `${bytes(about.ramBytes)} of RAM with ${bytes(about.arenaBytes)} of arena in it`,
    memory = `${bytes(about.fileBytes)} of flash, ${ram}`;
  say(`${printable(about.name)}: format ${about.formatVersion}, ${about.rounding} rounding, ${memory}`);
  print('');
  const rows = operators.map((op, i) => {
    const { scale, zeroPoint } = tensors[op.output];
    return [
      i,
      op.name,
      op.inputs.map(shape).join(', '),
      shape(op.output),
      scale.toPrecision(5),
      zeroPoint,
      op.scratchBytes,
    ];
  });
  print(table(['', 'operator', 'inputs', 'output', 'scale', 'zero point', 'scratch'], rows));
  print('');
  print(
    table(
      ['tensor', 'address', 'bytes', 'from', 'to'],
      tensors.map((t) => [t.name, t.address, t.bytes, t.firstUse, t.lastUse]),
    ),
  );
  print('');
  if (preprocessing) {
    const { width, height, color, fit, resize, scale, offset } = preprocessing;
    const formula = `q = (pixel * ${scale.join('/')} + ${offset.join('/')}) >> 16`;
    say(`image: ${width} x ${height} ${color}, ${fit}, ${resize}; ${formula}`);
  } else print('image: none; inputs are raw int8 tensors');
  say(labels.length ? `labels: ${labels.map(printable).join(', ')}` : 'labels: none');
  print(about.selfTest ? 'self-test: yes' : 'self-test: none');
}
