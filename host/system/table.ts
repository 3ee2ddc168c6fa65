/// <reference types="node" />
/** Tables and lines that fit the terminal. */
import { printable } from './printable';

/** Characters in a line: the terminal's, else what COLUMNS says, else those of a wide page. */
export const lineWidth = (): number => process.stdout.columns || Number(process.env.COLUMNS) || 120;

const cellText = (cell: string | number): string =>
  typeof cell === 'number' ? cell.toLocaleString('en') : printable(cell);

const isNumeric = (cell: string | number): boolean => typeof cell === 'number' || /^[\d.,% ]*$/.test(cell);

/** Text in so many characters: of what is too long the middle is left out. */
function shortened(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = Math.ceil((width - 1) * 0.6);
  return `${text.slice(0, Math.max(0, width - 1 - end))}…${text.slice(text.length - end)}`.slice(-width);
}

/** Text columns are made this narrow before columns are left out, and then this narrow. */
const NARROW = 16,
  NARROWEST = 6;

/**
 * A table with aligned columns: numbers to the right, text to the left.
 * @param rows each as long as the head
 * @param spare heads of columns that are left out, in this order, where all together are too wide
 */
export function table(
  head: string[],
  rows: (string | number)[][],
  spare: string[] = [],
  limit = lineWidth(),
): string {
  let kept = head.map((_, i) => i);
  const cells = [head, ...rows].map((row) => row.map(cellText)),
    toTheRight = head.map((_, i) => rows.every((row) => isNumeric(row[i]))),
    widest = (i: number, from: number): number =>
      Math.max(0, ...cells.slice(from).map((row) => row[i].length)),
    width = head.map((_, i) => widest(i, 0)),
    tooWide = (): number => 2 + kept.reduce((sum, i) => sum + width[i] + 2, -2) - limit;
  // A number is never cut: a column of numbers is as wide as they are, whatever its head.
  const narrow = (least: number): void => {
    const floor = kept.map((i) => Math.max(toTheRight[i] ? widest(i, 1) : 0, Math.min(width[i], least)));
    while (tooWide() > 0) {
      const [next] = kept
        .filter((i, k) => width[i] > floor[k])
        .sort((a, b) => width[b] - floor[kept.indexOf(b)] - (width[a] - floor[kept.indexOf(a)]));
      if (next === undefined) return;
      width[next]--;
    }
  };
  narrow(NARROW);
  for (const name of spare) if (tooWide() > 0) kept = kept.filter((i) => head[i] !== name);
  narrow(NARROWEST);
  const line = (row: string[]): string => {
    const padded = kept.map((i) => {
      const text = shortened(row[i], width[i]);
      return toTheRight[i] ? text.padStart(width[i]) : text.padEnd(width[i]);
    });
    return '  ' + padded.join('  ').trimEnd();
  };
  const rule = '  ' + kept.map((i) => '-'.repeat(width[i])).join('  ');
  return [line(cells[0]), rule, ...cells.slice(1).map(line)].join('\n');
}

/** Characters that a key takes. */
const KEY = 12;

/** A text in lines of so many characters, or longer where a word is. */
export function wrapped(text: string, room: number): string[] {
  const lines: string[] = [];
  let now = '';
  for (const word of text.split(' ')) {
    if (now && now.length + 1 + word.length > room) {
      lines.push(now);
      now = word;
    } else now = now ? `${now} ${word}` : word;
  }
  return [...lines, now];
}

/** A line of `key   text`; what is longer than a line goes on below the text. */
export const keyLine = (key: string, text: string, limit = lineWidth()): string =>
  wrapped(text, Math.max(20, limit - KEY - 3))
    .map((line, i) => `  ${(i ? '' : key).padEnd(KEY)} ${line}`)
    .join('\n');
