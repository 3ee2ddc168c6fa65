/// <reference types="node" />
/** How a command is begun: its options are checked, it is loaded and run, and what goes wrong is told. */
import { FlintError } from '../src/error';
import { readFlags, type Command, type Flags } from './recipe/flags';
import { printError } from './system/terminal';

/** Exit codes: 1, the thing asked for failed; 2, it was asked for wrongly. */
export const FAILED = 1,
  MISUSED = 2;

/** Runs a command; what goes wrong is one line on standard error, the stack with FLINT_DEBUG=1. */
async function guarded(work: () => unknown, code = FAILED): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof FlintError) || process.env.FLINT_DEBUG) console.error(error);
    else printError(`flint: ${error.message}`);
    process.exitCode = code;
    return false;
  }
}

/** A command: it takes the model, perhaps what to do with it, and the options. */
type Work<F> =
  | ((model: string, flags: F) => unknown)
  | ((model: string, data: string | undefined, flags: F) => unknown)
  | ((model: string, images: string[], flags: F) => unknown);

/** What sade calls with the arguments and the raw options, which are checked before the command begins. */
export function action<C extends Command>(command: C, load: () => Promise<Work<Flags[C]>>) {
  return async (...args: unknown[]): Promise<void> => {
    const raw = args.pop() as Record<string, unknown> & { _: string[] };
    let flags: Flags[C] | undefined;
    const right = await guarded(() => {
      flags = readFlags(command, raw);
    }, MISUSED);
    if (!right) return;
    if (command === 'run') args[1] = [args[1] ?? [], raw._].flat(); // any number of images
    await guarded(async () => ((await load()) as (...all: unknown[]) => unknown)(...args, flags));
  };
}

/**
 * Words that every object has, as options or as a command: sade and mri look words up in plain objects, where
 * they would find them.
 * @returns what is said of one, if there is any
 */
export function inheritedWord(words: string[]): string | undefined {
  const [command] = words,
    inherited = words.find((word, i) => {
      const name = word.replace(/^-+(no-)?/, '').split('=')[0];
      return (i === 0 || word.startsWith('-')) && name in Object.prototype;
    });
  if (!inherited) return undefined;
  const help = inherited === command ? 'flint --help' : `flint ${command} --help`;
  return `${inherited} is unknown; ${help} tells what there is`;
}
