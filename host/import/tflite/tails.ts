/**
 * Operators that a converter left in float behind the int8 model, before its outputs: those of which int8 has
 * an arithmetic with a scale of its own take it, and functions of one value become a table.
 */
import { round } from '../../operators/multiplier';
import { codeOf, SHAPES } from './names';
import type { TfModel, TfOperator, TfTensor } from './read';
import { chainOf, producersOf, withoutUnread } from './tables';

/** TFLite's scales and zero points of such results; those of the others are their input's. */
const FIXED: Record<string, [scale: number, zeroPoint: number] | undefined> = {
  LOGISTIC: [1 / 256, -128],
  LOG_SOFTMAX: [16 / 256, 127],
  SOFTMAX: [1 / 256, -128],
  TANH: [1 / 128, 0],
};

const f = Math.fround;

/** What is left of a model, and what people should know of it. */
interface Narrowed {
  operators: TfOperator[];
  remarks: string[];
}

/** Makes int8 of all that stands behind a DEQUANTIZE and can be. */
export function narrowTails(model: TfModel, nameOf: (op: TfOperator) => string): Narrowed {
  const named: string[] = [],
    operators = withScales(model, nameOf, named),
    left = withTables({ ...model, operators }, nameOf, named);
  const remark =
    `the model has ${named.join(' and ')} in float; it runs in int8, which can differ by a step` +
    (named.some((name) => name.endsWith(' LOG_SOFTMAX')) ? ', and says -16 of all that is less' : '');
  return { operators: left, remarks: named.length ? [remark] : [] };
}

/** Functions of one value before an output, as tables with a scale that holds all 256 results. */
function withTables(
  { operators, outputs }: TfModel,
  nameOf: (op: TfOperator) => string,
  named: string[],
): TfOperator[] {
  const producers = producersOf(operators),
    folded = new Set<TfOperator>(),
    instead = new Map<TfOperator, TfOperator>();
  for (const y of outputs) {
    const last = producers.get(y),
      chain = last && chainOf(y, producers, nameOf);
    if (!chain || chain.source.type !== 'int8' || chain.channels > 1 || chain.operators.length < 2) continue;
    const values = Array.from({ length: 256 }, (_, i) => chain.value(i - 128, 0)),
      low = Math.min(0, ...values),
      scale = f((Math.max(0, ...values) - low) / 255);
    if (!(scale > 0 && Number.isFinite(scale))) continue;
    const zeroPoint = round(-128 - low / scale),
      at = (v: number): number => Math.max(-128, Math.min(127, round(v / scale) + zeroPoint));
    [y.type, y.scales, y.zeroPoints] = ['int8', [scale], [zeroPoint]];
    const tables = [Int8Array.from(values, at)];
    instead.set(last, { ...last, code: codeOf('QUANTIZE'), inputs: [chain.source], tables });
    chain.operators.forEach((op) => folded.add(op));
    named.push(...chain.operators.slice(1).map((op) => `${op.index} ${nameOf(op)}`));
  }
  return withoutUnread(
    operators.map((op) => instead.get(op) ?? op),
    outputs,
    folded,
  );
}

/** Operators with scales of their own, and what only names shapes around them. */
function withScales(
  { operators, outputs }: TfModel,
  nameOf: (op: TfOperator) => string,
  named: string[],
): TfOperator[] {
  const readers = new Map<TfTensor, TfOperator[]>();
  for (const op of operators)
    for (const t of new Set(op.inputs)) if (t) readers.set(t, [...(readers.get(t) ?? []), op]);
  const fits = (op: TfOperator): boolean => Object.hasOwn(FIXED, nameOf(op)) || SHAPES.includes(nameOf(op)),
    known = new Map<TfTensor, boolean>();
  /** Whether nothing but such operators stands between a tensor and the outputs. */
  const ends = (tensor: TfTensor): boolean => {
    if (known.has(tensor)) return known.get(tensor)!;
    known.set(tensor, false); // a damaged file may go round in circles
    const next = readers.get(tensor) ?? [],
      all = next.every((op) => fits(op) && op.inputs[0] === tensor && op.outputs.every(ends)),
      ended = all && (next.length > 0 || outputs.includes(tensor));
    known.set(tensor, ended);
    return ended;
  };
  const narrow = new Map<TfTensor, TfTensor>();
  return operators.filter((op) => {
    const [x] = op.inputs,
      [y] = op.outputs;
    const begins = nameOf(op) === 'DEQUANTIZE' && x?.type === 'int8' && readers.has(y);
    if (begins && !outputs.includes(y) && ends(y)) {
      narrow.set(y, x);
      return false;
    }
    const from = x && narrow.get(x);
    if (!from || !y) return true;
    op.inputs = [from, ...op.inputs.slice(1)];
    const fixed = FIXED[nameOf(op)];
    [y.type, y.scales, y.zeroPoints] = fixed
      ? ['int8', [fixed[0]], [fixed[1]]]
      : ['int8', from.scales, from.zeroPoints];
    narrow.set(y, y);
    if (fixed) named.push(`${op.index} ${nameOf(op)}`);
    return true;
  });
}
