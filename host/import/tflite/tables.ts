/**
 * Float arithmetic between bytes and QUANTIZE: the 256 values that a byte has are all computed here, as a
 * table. So images come in that a model scales itself.
 */
import { elements } from '../../graph';
import type { TfModel, TfOperator, TfTensor } from './read';
import { asInt8, valuesOf } from './values';

const f = Math.fround;

/** A float value, and the constant beside it where there is one, to a float value. */
type Step = (v: number, constant: number) => number;

/** Of one value; what is made of `exp` is the nearest float in all but rare cases. */
const unary: Record<string, Step> = {
  ABS: Math.abs,
  NEG: (v) => -v,
  SQUARE: (v) => f(v * v),
  SQRT: (v) => f(Math.sqrt(v)),
  RELU: (v) => Math.max(0, v),
  RELU6: (v) => Math.max(0, Math.min(6, v)),
  RESHAPE: (v) => v,
  EXP: (v) => f(Math.exp(v)),
  LOG: (v) => f(Math.log(v)),
  LOGISTIC: (v) => f(1 / (1 + Math.exp(-v))),
  TANH: (v) => f(Math.tanh(v)),
};

/** Of a value and a constant, in this order and turned round. */
const binary: Record<string, [Step, Step]> = {
  ADD: [(v, k) => f(v + k), (v, k) => f(k + v)],
  SUB: [(v, k) => f(v - k), (v, k) => f(k - v)],
  MUL: [(v, k) => f(v * k), (v, k) => f(k * v)],
  DIV: [(v, k) => f(v / k), (v, k) => f(k / v)],
  MAXIMUM: [Math.max, Math.max],
  MINIMUM: [Math.min, Math.min],
};

/** Bytes as floats, for which QUANTIZE waits. */
interface Chain {
  source: TfTensor;
  /** The value of an int8, in a channel. */
  value(q: number, channel: number): number;
  /** How many channels differ. */
  channels: number;
  operators: TfOperator[];
}

/** The beginning of a chain. */
function beginning(op: TfOperator, name: string): Chain | undefined {
  const source = op.inputs[0];
  if (!source || source.data.length || (source.type !== 'int8' && source.type !== 'uint8')) return undefined;
  const { scales, zeroPoints } = source,
    shift = source.type === 'uint8' ? 128 : 0;
  if (name === 'DEQUANTIZE' && scales.length !== 1) return undefined;
  const [scale, zeroPoint] = name === 'CAST' ? [1, 0] : [scales[0], zeroPoints[0] ?? 0];
  const value = (q: number): number => f(scale * (q + shift - zeroPoint));
  return { source, value, channels: 1, operators: [op] };
}

/** Which operator writes each tensor. */
export const producersOf = (operators: TfOperator[]): Map<TfTensor, TfOperator> =>
  new Map(operators.flatMap((op) => op.outputs.map((t): [TfTensor, TfOperator] => [t, op])));

/** What computes a tensor, if nothing but bytes and constants go in. */
export function chainOf(
  tensor: TfTensor,
  producers: Map<TfTensor, TfOperator>,
  nameOf: (op: TfOperator) => string,
  longest = 64, // in a damaged file an operator may read itself
): Chain | undefined {
  const op = producers.get(tensor),
    name = op ? nameOf(op) : '';
  if (!op || tensor.type !== 'float32' || longest === 0) return undefined;
  if (name === 'CAST' || name === 'DEQUANTIZE') return beginning(op, name);
  const pair = Object.hasOwn(binary, name) ? binary[name] : undefined,
    [a, b] = op.inputs,
    turned = Boolean(a?.data.length),
    operand = pair && turned ? b : a,
    step = pair ? pair[turned ? 1 : 0] : Object.hasOwn(unary, name) ? unary[name] : undefined;
  const beside = pair && (turned ? a : b),
    constants = pair ? beside && valuesOf(beside) : [0];
  if (!operand || !step || !constants || (pair && op.options?.int8(0))) return undefined;
  const channels = constants.length,
    last = tensor.shape[tensor.shape.length - 1];
  if (channels !== 1 && (channels !== last || elements(beside!.shape) !== beside!.shape.at(-1)))
    return undefined;
  const before = chainOf(operand, producers, nameOf, longest - 1);
  if (elements(operand.shape) !== elements(tensor.shape)) return undefined;
  // Another shape has other channels.
  if (!before || (name === 'RESHAPE' && before.channels > 1)) return undefined;
  return {
    ...before,
    value: (q, channel) => step(before.value(q, channel), constants[channels === 1 ? 0 : channel]),
    channels: Math.max(channels, before.channels),
    operators: [...before.operators, op],
  };
}

/** The most tables of one operator: an image has three channels or four. */
const MOST_CHANNELS = 4;

/**
 * Gives each QUANTIZE behind such a chain its tables, and the bytes for its input.
 * @returns the operators without those of the chains that nothing else reads
 */
export function foldTables(
  { operators, outputs }: TfModel,
  nameOf: (op: TfOperator) => string,
): TfOperator[] {
  const producers = producersOf(operators),
    folded = new Set<TfOperator>();
  for (const op of operators) {
    const [x] = op.inputs,
      [y] = op.outputs,
      chain = nameOf(op) === 'QUANTIZE' && x ? chainOf(x, producers, nameOf) : undefined;
    if (!chain || y?.type !== 'int8' || y.scales.length !== 1 || chain.channels > MOST_CHANNELS) continue;
    op.tables = Array.from({ length: chain.channels }, (_, channel) =>
      Int8Array.from({ length: 256 }, (_, i) => asInt8(chain.value(i - 128, channel), y)),
    );
    op.inputs = [chain.source];
    if (!chain.source.scales.length) [chain.source.scales, chain.source.zeroPoints] = [[1], [0]];
    chain.operators.forEach((o) => folded.add(o));
  }
  return withoutUnread(operators, outputs, folded);
}

/** The operators without those among `folded` that nothing reads. */
export function withoutUnread(
  operators: TfOperator[],
  outputs: TfTensor[],
  folded: Set<TfOperator>,
): TfOperator[] {
  const needed = new Set(outputs);
  return [...operators]
    .reverse()
    .filter((op) => {
      if (folded.has(op) && !op.outputs.some((t) => needed.has(t))) return false;
      op.inputs.forEach((t) => t && needed.add(t));
      return true;
    })
    .reverse();
}
