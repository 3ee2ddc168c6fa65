/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { runInThisContext } from 'node:vm';

/** Runs the device app in Node, with stand-ins for the Moddable modules it imports. */
export function runOnNode(library: string, script: string, resources: Record<string, string>): void {
  class Resource {
    constructor(name: string) {
      return new Uint8Array(readFileSync(resources[name])).buffer;
    }
    static exists = (name: string): boolean => name in resources;
  }
  Object.assign(globalThis, {
    Resource,
    Time: {
      get ticks() {
        return Math.round(performance.now());
      },
    },
    Timer: { set: (callback: () => void) => setTimeout(callback) },
    Instrumentation: { map: () => undefined, get: () => undefined },
    trace: (...text: string[]) => process.stdout.write(text.join('')),
    Engine: { version: `not at all, but Node ${process.versions.node}` },
  });
  for (const filename of [library, script]) runInThisContext(readFileSync(filename, 'utf8'), { filename });
}
