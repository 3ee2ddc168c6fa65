/**
 * A loaded model whose kernels are watched: what leaves its memory, which JavaScript would pass over in
 * silence, is an Error.
 */
import { Header, Operator, Tensor } from '../../src/format';
import { runOperator, type Model } from '../../src/model';
import { runKernel } from '../../src/operators';
import { CONV_TILE } from '../../src/operators/tile';
import { sumsNeeded } from '../../src/ram';
import { tensorRecord, type FileBytes } from '../../src/state';

/** From the first place to before the last. */
type Span = [begin: number, end: number];

interface Rules {
  name: string;
  length: number;
  /** Where may be written, at this moment. */
  writable: () => Span[];
}

function allowed({ name, length, writable }: Rules): {
  read: (span: Span) => void;
  write: (span: Span) => void;
} {
  const inside = ([begin, end]: Span, [low, high]: Span): boolean =>
    Number.isInteger(begin) && Number.isInteger(end) && begin >= low && end <= high;
  const need = (ok: boolean, what: string, span: Span): void => {
    if (!ok) throw new Error(`a kernel ${what} ${name}[${span.join(' to ')}]`);
  };
  return {
    read: (span) => need(inside(span, [0, length]), 'reads', span),
    write: (span) =>
      need(
        writable().some((part) => inside(span, part)),
        'writes',
        span,
      ),
  };
}

/** The same array or typed array, of which every access is checked. */
function watched<T extends Int8Array | Int32Array | number[] | FileBytes>(
  target: T,
  rules: Omit<Rules, 'length'>,
): T {
  const { read, write } = allowed({ ...rules, length: target.length }),
    bytes = target as Int8Array;
  const methods: Record<string, unknown> = {
    fill(value: number, begin: number, end: number) {
      write([begin, end]);
      bytes.fill(value, begin, end);
    },
    copyWithin(to: number, begin: number, end: number) {
      read([begin, end]);
      write([to, to + end - begin]);
      bytes.copyWithin(to, begin, end);
    },
    length: target.length,
  };
  const placeOf = (key: string | symbol): Span => {
    const place = Number(String(key));
    return [place, place + 1];
  };
  return new Proxy(target, {
    get(_, key) {
      if (Object.hasOwn(methods, key)) return methods[key as string];
      read(placeOf(key));
      return bytes[Number(key)];
    },
    set(_, key, value: number) {
      write(placeOf(key));
      bytes[Number(key)] = value;
      return true;
    },
  });
}

/** Where an operator may write: its output, and its scratch. */
function ownMemory(model: Model, at: number): Span[] {
  const { words } = model,
    output = tensorRecord(words, words[at + Operator.output]),
    begin = words[output + Tensor.address],
    scratch = words[at + Operator.scratch];
  return [
    [begin, begin + words[output + Tensor.bytes]],
    [scratch, scratch + words[at + Operator.scratchBytes]],
  ];
}

/**
 * Runs a model once, interpreted and watched. Where the engine has compiled kernels, they run on a copy of the
 * arena and must leave the same bytes.
 * @throws Error when a kernel reads outside of file or arena, or writes what is not its own
 */
export function runWatched(model: Model): void {
  let own: Span[] = [];
  const listOf = (name: string, length: number): number[] =>
      watched(
        Array.from({ length }, () => 0),
        { name, writable: () => [[0, length]] },
      ),
    none = (): Span[] => [];
  const guarded: Model = {
    ...model,
    words: watched(model.words, { name: 'words', writable: none }),
    bytes: watched(model.bytes as Int8Array, { name: 'bytes', writable: none }),
    arena: watched(model.arena, { name: 'arena', writable: () => own }),
    sums: listOf('sums', sumsNeeded(model.words)),
    pointers: listOf('pointers', CONV_TILE.pixels),
    taps: listOf('taps', CONV_TILE.taps),
  };
  const { words } = model;
  for (let i = 0, list = words[Header.operators] >> 2; i < words[Header.operatorCount]; i++) {
    const copy = { ...model, arena: model.arena.slice() };
    own = ownMemory(model, words[list + i] >> 2);
    runKernel(guarded, i);
    if (model.engine === 'interpreted') continue;
    runOperator(copy, i);
    if (copy.arena.some((value, p) => value !== model.arena[p]))
      throw new Error(`operator ${i} leaves other bytes when it is compiled`);
  }
}
