/**
 * What settings are made of. Every message can follow the name of a setting, as in "should be a text": a file
 * and a command line both lead it in with a name of their own.
 */
import * as v from 'valibot';
import { FlintError } from '../../src/error';
import { nearest } from './nearest';

/** Says what a setting is for, to people who read the JSON Schema in their editor. */
export const described = <S extends v.GenericSchema>(schema: S, text: string) =>
  v.pipe(schema, v.description(text));

export const text = v.pipe(v.string('should be a text'), v.nonEmpty('should be a text'));

export const truth = v.boolean('should be true or false');

export const choice = <const T extends readonly string[]>(options: T) =>
  v.picklist(options, `should be one of ${options.join(', ')}`);

/** A whole number within limits, both included. */
export function wholeNumber(least: number, most: number) {
  const message = `should be a whole number from ${least} to ${most}`;
  return v.pipe(v.number(message), v.integer(message), v.minValue(least, message), v.maxValue(most, message));
}

const counting = 'should be a whole number of at least 1';
export const count = v.pipe(v.number(counting), v.integer(counting), v.minValue(1, counting));

/** A share, of which 1 would be all. */
const lessThanAll = 'should be a number from 0 to less than 1';
export const share = v.pipe(v.number(lessThanAll), v.minValue(0, lessThanAll), v.ltValue(1, lessThanAll));

/** To valibot a list is an object too. What the object holds is for the next schema in the pipe to say. */
const anyObject = v.custom<any>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
  'should be an object',
);

/** An object with these keys and no others. */
export function object<const E extends v.ObjectEntries>(entries: E) {
  const known = Object.keys(entries);
  const message = ({ expected, path }: v.StrictObjectIssue): string => {
    const key = String(path?.[0].key);
    if (expected === 'never') return unknown(key, known);
    const [{ message }] = v.safeParse(entries[key], undefined).issues!;
    return `is missing; it ${message}`;
  };
  return v.pipe(anyObject, v.strictObject(entries, message));
}

/** An object with any keys, all of one kind. */
export const named = <S extends v.GenericSchema>(value: S) => v.pipe(anyObject, v.record(v.string(), value));

function unknown(key: string, known: string[]): string {
  const meant = nearest(key, known);
  return `is unknown${meant ? ` (is "${meant}" meant?)` : ''}; known here: ${known.join(', ')}`;
}

/**
 * Checks a value and fills in defaults.
 * @param where the file, for people
 * @throws FlintError with a line for each mistake: the file, the path of the key, what it should be
 */
export function parse<S extends v.GenericSchema>(schema: S, value: unknown, where: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value, { abortPipeEarly: true });
  if (result.success) return result.output;
  const lines = result.issues.map((issue) => {
    const path = v.getDotPath(issue);
    return `${where}: ${path ? `"${path}" ` : ''}${issue.message}`;
  });
  throw new FlintError(lines.join('\n'));
}
