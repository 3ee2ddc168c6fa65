import type { IntGraph } from '../graph';
import type { Aim } from '../operators/operator';
import { planArena, type ArenaPlan } from './arena';
import { withGolden } from './golden';
import { lower, type LoweredGraph } from './lower';
import { serialize, type FileOptions } from './serialize';

/** What the file says besides the graph, and how it is made. */
export interface GraphOptions extends Partial<FileOptions> {
  rounding?: 'double' | 'single';
  aim?: Aim;
}

/** A model file, and how it came about. */
export interface PackedGraph {
  file: Uint8Array<ArrayBuffer>;
  lowered: LoweredGraph;
  arena: ArenaPlan;
  /** Bytes of the file that are each operator's weights, biases and tables. */
  parameterBytes: number[];
}

/**
 * An int8 graph as a model file, by the same stages as a whole model (pack.ts): for layers that are run while
 * others are still being quantized, and for tests.
 * @throws FlintError when the graph cannot be expressed
 */
export function packGraph(graph: IntGraph, options: GraphOptions = {}): PackedGraph {
  const { rounding = 'double', aim = 'balance', labels = [], preprocessing, golden } = options;
  const lowered = lower(graph, { rounding, aim }),
    arena = planArena(lowered),
    serialized = serialize(lowered, arena, { labels, preprocessing, golden });
  return { file: withGolden(serialized), lowered, arena, parameterBytes: serialized.parameterBytes };
}
