/// <reference types="node" />
/** Questions to somebody at a terminal. */
import { createInterface } from 'node:readline';
import { FlintError } from '../../src/error';
import { printError } from './terminal';

/** One line of what is typed. @throws FlintError where it is ended by Ctrl-C or Ctrl-D instead */
function typed(prompt: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  return new Promise((resolve, reject) => {
    terminal.once('close', () => reject(new FlintError('no answer was given, and nothing is written')));
    terminal.question(prompt, (answer) => {
      resolve(answer.trim());
      terminal.close();
    });
  });
}

/**
 * Asks until the answer is one that can be taken.
 * @param option that would have told
 * @param read takes an answer, or throws a FlintError that says what is wrong with it
 * @throws FlintError where there is no terminal, naming the option
 */
export async function ask<T>(question: string, option: string, read: (answer: string) => T): Promise<T> {
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new FlintError(`${question}? ${option} tells; on a terminal it would be asked`);
  for (;;) {
    const answer = await typed(`${question} (${option}): `);
    try {
      return read(answer);
    } catch (error) {
      if (!(error instanceof FlintError)) throw error;
      printError(`flint: ${error.message}`);
    }
  }
}
