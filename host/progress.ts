/// <reference types="node" />
import { SingleBar } from 'cli-progress';

export interface Progress {
  start(total: number, what: string): void;
  update(done: number): void;
  stop(): void;
}

export const silent: Progress = { start() {}, update() {}, stop() {} };

/** A bar on standard error while it is a terminal, nothing otherwise. */
export function progressBar(): Progress {
  if (!process.stderr.isTTY) return silent;
  const bar = new SingleBar({ format: '{what} {bar} {value}/{total}, {eta_formatted} left', clearOnComplete: true, hideCursor: true });
  return {
    start: (total, what) => bar.start(total, 0, { what }),
    update: (done) => bar.update(done),
    stop: () => bar.stop(),
  };
}
