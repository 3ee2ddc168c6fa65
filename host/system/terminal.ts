/// <reference types="node" />
/**
 * Text for a terminal. Names of files, labels and operators come from files that somebody else made, and
 * could carry characters that move the cursor, change what was printed before, or turn around the direction
 * of reading.
 */

/** Control characters (C0, DEL, C1) and those that override the direction of text. */
const unprintable = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
}

/** Text in one line, without anything that a terminal would obey: such characters as \xNN or \u{NNNN}. */
export const printable = (text: string): string => text.replace(unprintable, escaped);

/**
 * A value as JSON that holds nothing a terminal would obey: in its texts \uNNNN stands for such characters.
 */
export const json = (value: unknown, indent = 0): string =>
  JSON.stringify(value, null, indent).replace(unprintable, (character) =>
    character === '\n' ? character : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const printableLines = (text: string): string => text.split('\n').map(printable).join('\n');

/** Prints one or more lines on standard output, all but their ends escaped. */
export function print(text: string): void {
  console.log(printableLines(text));
}

/** Prints one or more lines on standard error, all but their ends escaped. */
export function printError(text: string): void {
  console.error(printableLines(text));
}

/**
 * A table with aligned columns: numbers to the right, text to the left.
 * @param rows each as long as the head
 */
export function table(head: string[], rows: (string | number)[][]): string {
  const cells = [head, ...rows].map((row) => row.map(cellText));
  const width = head.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const toTheRight = head.map((_, i) => rows.every((row) => isNumeric(row[i])));
  const line = (row: string[]): string => {
    const padded = row.map((cell, i) => (toTheRight[i] ? cell.padStart(width[i]) : cell.padEnd(width[i])));
    return '  ' + padded.join('  ').trimEnd();
  };
  const rule = '  ' + width.map((w) => '-'.repeat(w)).join('  ');
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

const cellText = (cell: string | number): string =>
  typeof cell === 'number' ? cell.toLocaleString('en') : printable(cell);

const isNumeric = (cell: string | number): boolean => typeof cell === 'number' || /^[\d.,% ]*$/.test(cell);

/** A share, as in `93.75 %`. */
export const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;

/** A size, as in `12,345 bytes`. */
export const bytes = (n: number): string => `${n.toLocaleString('en')} bytes`;
