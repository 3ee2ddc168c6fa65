/**
 * Dilated convolutions that are spelled out, as Keras does: SPACE_TO_BATCH_ND makes a batch of every n-th pixel,
 * a convolution slides over each, BATCH_TO_SPACE_ND puts them together. They are one convolution again.
 */
import { codeOf, SHAPES } from './names';
import type { TfModel, TfOperator, TfTensor } from './read';
import { valuesOf } from './values';

/** An operator and those behind it, each the only reader of the one before. */
interface Chain {
  space: TfOperator;
  conv: TfOperator;
  batch: TfOperator;
  all: TfOperator[];
}

/** Where a row of values lies in an image: beside each other or below. */
const asImage = ([batch, n, channels]: number[], column: boolean): number[] =>
  column ? [batch, n, 1, channels] : [batch, 1, n, channels];

/** The two numbers of each axis of an image; of a row those of one, and `otherwise` for the other. */
const both = <T>(list: T[], column: boolean, otherwise: T): [T, T] =>
  list.length === 2 ? [list[0], list[1]] : column ? [list[0], otherwise] : [otherwise, list[0]];

/** Pairs of numbers. */
const pairs = (list: number[]): [number, number][] =>
  Array.from({ length: list.length / 2 }, (_, i) => [list[2 * i], list[2 * i + 1]]);

/**
 * Joins such chains.
 * @returns the operators that are left; convolutions among them have `dilated` windows
 */
export function foldDilated(
  { operators, outputs }: TfModel,
  nameOf: (op: TfOperator) => string,
): TfOperator[] {
  const readers = new Map<TfTensor, TfOperator[]>();
  for (const op of operators)
    for (const t of op.inputs) if (t) readers.set(t, [...(readers.get(t) ?? []), op]);

  /** The next operator that does more than to name a shape, if nothing else reads what lies between. */
  const after = (op: TfOperator, all: TfOperator[]): TfOperator | undefined => {
    const [y] = op.outputs,
      next = y && !outputs.includes(y) ? (readers.get(y) ?? []) : [];
    if (next.length !== 1 || all.includes(next[0]) || next[0].inputs[0] !== y) return undefined;
    all.push(next[0]);
    return SHAPES.includes(nameOf(next[0])) ? after(next[0], all) : next[0];
  };
  const chainFrom = (space: TfOperator): Chain | undefined => {
    const all = [space],
      conv = after(space, all),
      batch = conv && CONVOLUTIONS.includes(nameOf(conv)) ? after(conv, all) : undefined;
    return conv && batch && nameOf(batch) === 'BATCH_TO_SPACE_ND' ? { space, conv, batch, all } : undefined;
  };

  const gone = new Set<TfOperator>(),
    instead = new Map<TfOperator, TfOperator[]>();
  for (const op of operators) {
    if (gone.has(op) || nameOf(op) !== 'SPACE_TO_BATCH_ND') continue;
    const chain = chainFrom(op),
      made = chain && dilatedOf(chain, nameOf(chain.conv) === 'CONV_2D' ? CONV_DILATION : DEPTHWISE_DILATION);
    if (!made) continue;
    chain.all.forEach((o) => gone.add(o));
    instead.set(chain.conv, made);
  }
  return operators.flatMap((op) => instead.get(op) ?? (gone.has(op) ? [] : [op]));
}

/** Where the options of either convolution have the dilation of columns; that of rows follows. */
const CONV_DILATION = 4,
  DEPTHWISE_DILATION = 5;

const CONVOLUTIONS = ['CONV_2D', 'DEPTHWISE_CONV_2D'];

/**
 * The convolution that a chain is: its padding is what both sides add, without what is cropped in the end.
 * @param option where its own dilation stands
 */
function dilatedOf({ space, conv, batch }: Chain, option: number): TfOperator[] | undefined {
  const [x] = space.inputs,
    [phases] = space.outputs,
    [joined] = batch.inputs,
    [y] = batch.outputs,
    [from, weights] = conv.inputs,
    lists = [space.inputs[1], space.inputs[2], batch.inputs[1], batch.inputs[2]].map((t) => t && valuesOf(t)),
    [blocks, padding, sameBlocks, crops] = lists,
    [to] = conv.outputs;
  if (!x || !phases || !joined || !y || !to || from?.shape.length !== 4 || weights?.shape.length !== 4)
    return undefined;
  if (!blocks || !padding || !crops || blocks.join() !== sameBlocks?.join()) return undefined;
  const isRow = x.shape.length === 3 && y.shape.length === 3,
    rank = isRow ? 1 : 2,
    stride = [conv.options?.int32(1) ?? 1, conv.options?.int32(2) ?? 1],
    dilation = [conv.options?.int32(option, 1) ?? 1, conv.options?.int32(option + 1, 1) ?? 1];
  const column = isRow && from.shape[1] !== 1,
    channels = x.shape[x.shape.length - 1];
  const shapes = isRow
    ? [asImage(phases.shape, column), asImage(joined.shape, column)]
    : [phases.shape, joined.shape];
  const fits =
    shapes.join('|') === [from.shape, to.shape].join('|') &&
    channels === from.shape[3] &&
    (option === DEPTHWISE_DILATION || channels === weights.shape[3]) &&
    x.shape[0] === 1 &&
    (isRow || (x.shape.length === 4 && y.shape.length === 4)) &&
    blocks.length === rank &&
    [padding, crops].every((list) => list.length === 2 * rank && list.every((n) => n >= 0)) &&
    [...stride, ...dilation].every((n) => n === 1);
  if (!fits) return undefined;
  const steps = both(blocks, column, 1),
    added = both(pairs(padding), column, [0, 0]),
    cropped = both(pairs(crops), column, [0, 0]),
    [, kernelY, kernelX] = weights.shape;
  // Each phase may have been padded, too: SAME keeps its size.
  const ends = [kernelY, kernelX].map((kernel, axis) => {
    const own = (conv.options?.int8(0) ?? 0) === 0 ? kernel - 1 : 0,
      first = own >> 1;
    return [
      added[axis][0] + first * steps[axis] - cropped[axis][0],
      added[axis][1] + (own - first) * steps[axis] - cropped[axis][1],
    ];
  });
  const [top, bottom, left, right] = ends.flat();
  if (ends.flat().some((n) => n < 0)) return undefined;
  const dilated = { dilation: steps, pads: [top, left, bottom, right] as [number, number, number, number] };
  if (!isRow) return [{ ...conv, inputs: [x, ...conv.inputs.slice(1)], outputs: [y], dilated }];
  const image = { ...x, shape: asImage(x.shape, column) },
    made = { ...to, shape: asImage(y.shape, column) };
  return [
    { ...space, code: codeOf('RESHAPE'), inputs: [x], outputs: [image] },
    { ...conv, inputs: [image, ...conv.inputs.slice(1)], outputs: [made], dilated },
    { ...batch, code: codeOf('RESHAPE'), inputs: [made], outputs: [y] },
  ];
}
