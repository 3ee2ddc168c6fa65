/** An operator's own words, written by name: each exactly once. */
import { Operator } from '../../src/format';
import type { Field } from '../operators/operator';
import type { Writer } from './writer';

/**
 * @param size words of the record, the common ones included
 * @param fields in any order
 * @param writer receives the data that words are offsets of
 * @returns the words from Operator.words on
 * @throws Error when a word is missing, given twice or beyond the record: a mistake of the operator's file
 */
export function recordWords(title: string, size: number, fields: Field[], writer: Writer): number[] {
  const words = new Array<number | undefined>(size - Operator.words).fill(undefined);
  for (const [word, value] of fields) {
    const list =
      typeof value === 'number' ? [value] : Array.isArray(value) ? value : [dataOffset(value, writer)];
    list.forEach((v, i) => {
      const at = word - Operator.words + i;
      if (!(at >= 0 && at < words.length))
        throw new Error(`${title}: word ${word + i} is not in its record of ${size}`);
      if (words[at] !== undefined) throw new Error(`${title}: word ${word + i} of its record is given twice`);
      if (!Number.isInteger(v)) throw new Error(`${title}: word ${word + i} of its record is ${v}`);
      words[at] = v;
    });
  }
  const missing = words.indexOf(undefined);
  if (missing >= 0) throw new Error(`${title}: word ${missing + Operator.words} of its record is missing`);
  return words as number[];
}

function dataOffset(data: Int8Array | Uint8Array | Int32Array, writer: Writer): number {
  return data instanceof Int32Array ? writer.words(data) : writer.data(data);
}
