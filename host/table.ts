/** Text tables and numbers for people. */

/** Columns aligned by content: numbers to the right, text to the left. */
export function table(head: string[], rows: (string | number)[][]): string {
  const cells = [head, ...rows.map((row) => row.map((cell) => (typeof cell === 'number' ? cell.toLocaleString('en') : cell)))];
  const width = head.map((_, i) => Math.max(...cells.map((row) => row[i].length)));
  const right = head.map((_, i) => rows.every((row) => typeof row[i] === 'number' || /^[\d.,% ]*$/.test(String(row[i]))));
  const line = (row: string[]): string => '  ' + row.map((cell, i) => (right[i] ? cell.padStart(width[i]) : cell.padEnd(width[i]))).join('  ').trimEnd();
  return [line(cells[0]), '  ' + width.map((w) => '-'.repeat(w)).join('  '), ...cells.slice(1).map(line)].join('\n');
}

export const percent = (part: number, whole: number): string => `${((100 * part) / whole).toFixed(2)} %`;
export const bytes = (n: number): string => `${n.toLocaleString('en')} bytes`;
