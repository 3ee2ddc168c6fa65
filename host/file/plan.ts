/**
 * The arena: an address for every tensor and every operator's scratch, so that nothing overlaps while both
 * are needed. TensorFlow Lite Micro's greedy planner, tried in several orders; the best is kept.
 */

/** Memory that is needed for some steps. */
export interface Block {
  bytes: number;
  /** Steps (operators) during which it is needed, inclusive. */
  first: number;
  last: number;
}

/** An address for every block. */
export interface Plan {
  /** One address per block, in the order given. */
  addresses: number[];
  arenaBytes: number;
  /** No plan can be smaller: the most that is needed at one step. */
  lowerBound: number;
}

const align = (n: number): number => (n + 3) & ~3;

/**
 * Places blocks in the given order, each in the smallest gap it fits between the blocks it shares a step
 * with.
 */
function place(blocks: Block[], order: number[]): Plan['addresses'] {
  const addresses: number[] = new Array(blocks.length).fill(0);
  const placed: number[] = [];
  for (const i of order) {
    const block = blocks[i];
    const neighbours = placed
      .filter((k) => blocks[k].first <= block.last && block.first <= blocks[k].last)
      .sort((a, b) => addresses[a] - addresses[b]);
    let address = 0,
      end = 0,
      smallest = Infinity;
    let found = false;
    for (const k of neighbours) {
      const gap = addresses[k] - end;
      if (gap >= align(block.bytes) && gap < smallest) ((smallest = gap), (address = end), (found = true));
      end = Math.max(end, addresses[k] + align(blocks[k].bytes));
    }
    addresses[i] = found ? address : end;
    placed.push(i);
  }
  return addresses;
}

/** @param blocks sizes in bytes; addresses are multiples of 4 */
export function plan(blocks: Block[]): Plan {
  const steps = Math.max(0, ...blocks.map((b) => b.last + 1));
  let lowerBound = 0;
  for (let step = -1; step <= steps; step++) {
    const live = blocks.reduce((sum, b) => sum + (b.first <= step && step <= b.last ? align(b.bytes) : 0), 0);
    lowerBound = Math.max(lowerBound, live);
  }
  const all = blocks.map((_, i) => i);
  const length = (i: number): number => blocks[i].last - blocks[i].first + 1;
  const orders = [
    (a: number, b: number) => blocks[b].bytes - blocks[a].bytes || blocks[a].first - blocks[b].first,
    (a: number, b: number) => blocks[b].bytes * length(b) - blocks[a].bytes * length(a),
    (a: number, b: number) => length(b) - length(a) || blocks[b].bytes - blocks[a].bytes,
    (a: number, b: number) => blocks[a].first - blocks[b].first || blocks[b].bytes - blocks[a].bytes,
    (a: number, b: number) => blocks[b].last - blocks[a].last || blocks[b].bytes - blocks[a].bytes,
  ];
  let best: Plan | undefined;
  for (const order of orders) {
    const addresses = place(blocks, [...all].sort(order));
    const arenaBytes = Math.max(0, ...blocks.map((b, i) => addresses[i] + align(b.bytes)));
    if (!best || arenaBytes < best.arenaBytes) best = { addresses, arenaBytes, lowerBound };
    if (arenaBytes === lowerBound) break;
  }
  return best!;
}
