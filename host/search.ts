/** The smallest model within a budget of accuracy: which layers bear narrow weights is measured, one by one and then together. */
import type { IntGraph } from './graph';
import type { Scheme, WeightScheme } from './quantize/scheme';

export interface Candidate {
  /** Widths of the layers' weights, by name. */
  bits: Record<string, number>;
  flashBytes: number;
  accuracy: number;
  /** Within the budget, and so what the next one builds on. */
  kept: boolean;
}

export interface SearchTask {
  layers: string[];
  scheme: Scheme;
  /** Makes the int8 graph of a scheme. */
  quantize(scheme: Scheme): Promise<IntGraph>;
  /** Accuracy (0 to 1) and flash of a graph. */
  measure(graph: IntGraph): Promise<{ accuracy: number; flashBytes: number }>;
  /** Accuracy that may be lost against the float model, 0 to 1. */
  maxDrop: number;
  floatAccuracy: number;
  /** Called before each measurement, with how many there will be at most. */
  onMeasure(done: number, total: number): void;
}

/** Widths that are stored narrow. */
const WIDTHS = [4, 2];

/**
 * Measures what each layer alone loses at each width; then narrows layers one after another, those first that lose least for each byte they
 * save, and takes back what goes beyond the budget.
 * @returns every candidate on the way, the widest first; the last kept one is the result
 */
export async function search(task: SearchTask): Promise<Candidate[]> {
  const { layers, scheme, maxDrop, floatAccuracy } = task, total = 1 + layers.length * WIDTHS.length * 2;
  let done = 0;
  const measured = async (bits: Record<string, number>): Promise<Candidate> => {
    task.onMeasure(done++, total);
    const settings: Record<string, Partial<WeightScheme>> = { ...scheme.layers };
    for (const [name, width] of Object.entries(bits)) settings[name] = { ...settings[name], bits: width, ...(width === 8 && { asymmetric: false }) };
    const { accuracy, flashBytes } = await task.measure(await task.quantize({ ...scheme, layers: settings }));
    return { bits, flashBytes, accuracy, kept: floatAccuracy - accuracy <= maxDrop };
  };
  const all8 = Object.fromEntries(layers.map((name) => [name, 8])), first = await measured(all8), candidates = [{ ...first, kept: true }];
  const moves: { name: string; width: number; cost: number }[] = [];
  for (const name of layers) for (const width of WIDTHS) {
    const { accuracy, flashBytes } = await measured({ ...all8, [name]: width });
    if (flashBytes < first.flashBytes) moves.push({ name, width, cost: (first.accuracy - accuracy) / (first.flashBytes - flashBytes) });
  }
  moves.sort((a, b) => a.cost - b.cost);
  let now = all8;
  for (const { name, width } of moves) {
    if (now[name] <= width) continue;
    const candidate = await measured({ ...now, [name]: width });
    candidates.push(candidate);
    if (candidate.kept) now = candidate.bits;
  }
  return candidates;
}

/** Those that no other beats in both flash and accuracy. */
export const pareto = (candidates: Candidate[]): Candidate[] =>
  candidates.filter((a) => !candidates.some((b) => b !== a && b.flashBytes <= a.flashBytes && b.accuracy >= a.accuracy && (b.flashBytes < a.flashBytes || b.accuracy > a.accuracy)));
