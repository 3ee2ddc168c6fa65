/** What options of the command line are made of: texts, which are read and then checked as a model.json is. */
import * as v from 'valibot';
import { imageSettings, modelSettings } from './schema';

const REPEATED = 'is given more than once';

/** An option that is on or off. */
export const onOff = v.boolean(({ input }) =>
  Array.isArray(input) ? REPEATED : `takes no value, but ${input} follows it; put the option last`,
);

/** An option's value, which is parsed before this as a number wherever it looks like one. */
export const given = v.pipe(
  v.union([v.string(), v.number()], ({ input }) => {
    if (Array.isArray(input)) return REPEATED;
    return input === false ? 'cannot be switched off' : 'needs a value';
  }),
  v.transform(String),
  v.nonEmpty('needs a value'),
);

export const words = <S extends v.GenericSchema<string, unknown>>(schema: S) =>
  v.optional(v.pipe(given, schema));
export const file = v.optional(given);
export const on = v.optional(onOff, false);

/** NaN, which no setting takes, for what is no number. */
const toNumber = (text: string): number => (text.trim() ? Number(text) : NaN);

export const number = <S extends v.GenericSchema<number, number>>(schema: S) =>
  v.pipe(given, v.transform(toNumber), schema);

/** 3, or 1,2,3. */
export const numbers = <S extends v.GenericSchema<number | number[], number | number[]>>(schema: S) =>
  v.pipe(
    given,
    v.transform((text) => text.split(',').map(toNumber)),
    v.transform((list) => (list.length > 1 ? list : list[0])),
    schema,
  );

/** 96x48. */
export const size = v.pipe(
  given,
  v.regex(/^\d+x\d+$/, 'should be WIDTHxHEIGHT as in 96x96'),
  v.transform((text) => text.split('x').map(Number)),
  v.transform(([width, height]) => ({ width, height })),
  v.object({ width: imageSettings.width, height: imageSettings.height }),
);

/** 131072 or 128k. */
export const bytes = v.pipe(
  given,
  v.regex(/^\d+k?$/i, 'should be a number of bytes or kilobytes as in 128k'),
  v.transform((text) => Number.parseInt(text) * (/k$/i.test(text) ? 1024 : 1)),
  modelSettings.ram.wrapped,
);
