/// <reference types="node" />
import { SingleBar } from 'cli-progress';

/** Tells how far long work has come. */
export interface Progress {
  /** @param total pieces of work @param what is done with them */
  start(total: number, what: string): void;
  /** @param done pieces in all */
  update(done: number): void;
  stop(): void;
}

/** Tells nothing. */
export const silent: Progress = { start() {}, update() {}, stop() {} };

/** A bar on standard error while it is a terminal, nothing otherwise. */
export function progressBar(): Progress {
  if (!process.stderr.isTTY) return silent;
  // Nothing of the terminal is changed, cursor and line wrap among it: Ctrl-C would leave it so.
  const bar = new SingleBar({
    format: '{what} {bar} {value}/{total}, {eta_formatted} left',
    barsize: 24,
    clearOnComplete: true,
    hideCursor: false,
    linewrap: true,
  });
  return {
    start: (total, what) => bar.start(total, 0, { what }),
    update: (done) => bar.update(done),
    stop: () => bar.stop(),
  };
}
