/** The other side of threads.ts: what a module exports whose functions run on a pool's threads. */

import { FlintError } from '../../src/error';

/** Functions by name; they take and give plain data, typed arrays, maps and sets. */
export type Functions = Record<string, (...args: never[]) => unknown>;

/** One call, as threads.ts sends it. */
export interface Call {
  kind: string;
  args: never[];
}

/**
 * The default export of a worker module:
 *
 *     const work = { round: quantizeWeights, costs: costsOf };
 *     export type QuantizeWork = typeof work;
 *     export default worker(work);
 */
export function worker(functions: Functions): (call: Call) => Promise<unknown> {
  return async ({ kind, args }) => {
    try {
      return await functions[kind](...args);
    } catch (error) {
      // Between threads an error keeps its message but not its class; see threadPool.
      throw error instanceof FlintError ? { name: error.name, message: error.message } : error;
    }
  };
}
