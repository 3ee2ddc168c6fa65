/// <reference types="node" />
/** What commands print. */
import { printable } from './printable';

export { json, printable, shellWord } from './printable';
export { keyLine, lineWidth, table, wrapped } from './table';

const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** Prints one or more lines on standard output, all but their ends escaped. */
export function print(text: string): void {
  console.log(printableLines(text));
}

/** Colours are for terminals, and for people who did not ask to be spared them (https://no-color.org). */
const colored = (text: string, color: number): string =>
  process.stderr.isTTY && !process.env.NO_COLOR ? `\x1b[${color}m${text}\x1b[0m` : text;

const RED = 31,
  YELLOW = 33;

/** Prints one or more lines on standard error, all but their ends escaped. */
export function printError(text: string): void {
  const [, name = '', rest] = /^(flint:)?([^]*)$/.exec(text)!;
  console.error((name && colored(name, RED)) + printableLines(rest));
}

/** What does not stop a command, but should be known: on standard error. */
export function warn(text: string): void {
  console.error(`${colored('flint: warning:', YELLOW)} ${printableLines(text)}`);
}

/** A share, as in `93.75 %`. */
export const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;

/** A size, as in `12,345 bytes`. */
export const bytes = (n: number): string => `${n.toLocaleString('en')} bytes`;
