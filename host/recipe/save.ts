/// <reference types="node" />
/** Settings that a command has found, put into a model.json. */
import { FlintError } from '../../src/error';
import { writeFile } from '../system/files';
import { readText } from './read';

/** The end of a JSON value that begins at a place of a text. */
function valueEnd(text: string, from: number): number {
  let depth = 0;
  for (let i = from, quoted = false; i < text.length; i++) {
    const c = text[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') quoted = false;
    } else if (c === '"') quoted = true;
    else if (c === '{' || c === '[') depth++;
    else if (c === '}' || c === ']') {
      if (depth-- === 0) return i;
      if (depth === 0) return i + 1;
    } else if (c === ',' && depth === 0) return i;
  }
  return text.length;
}

/** Where the value of a key of the outermost object stands; nothing without that key. */
function placeOf(text: string, key: string): [number, number] | undefined {
  for (let at = text.indexOf('{') + 1; at < text.length;) {
    const name = /^[\s,]*"((?:[^"\\]|\\.)*)"\s*:\s*/.exec(text.slice(at));
    if (!name) return undefined;
    const from = at + name[0].length,
      end = valueEnd(text, from);
    if (JSON.parse(`"${name[1]}"`) === key) return [from, from + text.slice(from, end).trimEnd().length];
    at = end;
  }
  return undefined;
}

/**
 * Writes "quantization" into a model.json; all else stays as people have written it.
 * @throws FlintError when the file cannot be written
 */
export function saveQuantization(path: string, quantization: object): void {
  const text = readText(path),
    value = JSON.stringify(quantization, null, 2).replaceAll('\n', '\n  '),
    place = placeOf(text, 'quantization');
  const end = text.lastIndexOf('}'),
    before = text.slice(0, end).trimEnd();
  const made = place
    ? text.slice(0, place[0]) + value + text.slice(place[1])
    : `${before}${before.endsWith('{') ? '' : ','}\n  "quantization": ${value}\n${text.slice(end)}`;
  const { quantization: saved } = JSON.parse(made) as { quantization: unknown };
  if (JSON.stringify(saved) !== JSON.stringify(quantization))
    throw new FlintError(`${path}: the "quantization" found could not be put into it; write it by hand`);
  writeFile(path, new TextEncoder().encode(made));
}
