/** What the app says, in lines of text. */
import type { Answer, View } from './watch';

/** The same on a display and on a serial line: what is seen, and how fast. */
export function linesOf({ label, score, interval, inference, frozen }: Answer): [string, string] {
  const rate = frozen ? 'frozen' : interval ? `${(1_000_000 / interval).toFixed(1)} frames/s` : 'starting';
  return [`${label} ${score.toFixed(2)}`, `${rate}, ${(inference / 1000).toFixed(1)} ms`];
}

/** Microseconds after which a line is printed though the same is seen. */
const QUIET = 1_000_000;

/** Prints a line when something else is seen, on freezing and going on, and every second. */
export function printView(print: (line: string) => void, now: () => number): View {
  let seen = '',
    printed = 0;
  return {
    frame: () => undefined,
    answer(answer) {
      const state = `${answer.label} ${answer.frozen}`;
      if (state === seen && now() - printed < QUIET) return;
      seen = state;
      printed = now();
      print(linesOf(answer).join(', '));
    },
    say: print,
  };
}

/** A message's words in lines that are no wider than `width`, one word at least in each. */
export function wrapped(message: string, width: number, widthOf: (text: string) => number): string[] {
  const lines: string[] = [];
  for (const word of message.split(' ')) {
    const longer = lines.length ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length && widthOf(longer) <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}
