/**
 * The smallest model within a budget of accuracy: which layers bear narrow or few weights is measured, one by
 * one and then together.
 */
import type { IntGraph } from '../graph';
import type { Scheme, WeightScheme } from '../recipe/scheme';

/** What is special about some layers' weights, by their names. */
export type Choice = Record<string, Partial<WeightScheme>>;

/** One way to quantize the model, measured. */
export interface Candidate {
  method: Partial<WeightScheme>;
  choice: Choice;
  flashBytes: number;
  accuracy: number;
  /** Within the budget. */
  kept: boolean;
}

/** What is searched, and how candidates are measured. */
export interface SearchTask {
  layers: string[];
  scheme: Scheme;
  /** Ways to round. */
  methods: Partial<WeightScheme>[];
  /** Makes the int8 graph of a scheme. */
  quantize(scheme: Scheme): Promise<IntGraph>;
  /** Flash of a graph, and its accuracy (0 to 1), which takes longer. */
  measure(graph: IntGraph): { flashBytes: number; accuracy(): Promise<number> };
  /** Accuracy that may be lost against the float model, 0 to 1. */
  maxDrop: number;
  floatAccuracy: number;
  /** Called before each measurement, with how many there will be at most. */
  onMeasure(done: number, total: number): void;
}

/**
 * What is tried on each layer: widths that are stored narrow, and so few weights that leaving zeros out takes
 * less still.
 */
const OPTIONS: Partial<WeightScheme>[] = [{ bits: 4 }, { bits: 2 }, { bits: 4, sparsity: 0.8 }];

/**
 * With each method: measures what each layer alone loses with each option; then takes options one after
 * another, those first that lose least for each byte they save, and takes back what goes beyond the budget.
 * That is done with the first option only, with two, and with all: what is taken first uses the budget up.
 * @returns the smallest candidate within the budget, and all of them
 */
export async function search(task: SearchTask): Promise<{ best: Candidate; candidates: Candidate[] }> {
  const { layers, maxDrop, floatAccuracy } = task,
    total = task.methods.length * (1 + layers.length * OPTIONS.length * (1 + (OPTIONS.length + 1) / 2)),
    candidates: Candidate[] = [];
  let done = 0;
  const made = async (
    method: Partial<WeightScheme>,
    choice: Choice,
  ): Promise<ReturnType<SearchTask['measure']>> => {
    task.onMeasure(done++, total);
    const scheme: Scheme = {
      ...task.scheme,
      ...method,
      bits: 8,
      asymmetric: false,
      sparsity: 0,
      layers: { ...task.scheme.layers },
    };
    for (const name of layers)
      scheme.layers[name] = { ...scheme.layers[name], bits: 8, asymmetric: false, ...choice[name] };
    return task.measure(await task.quantize(scheme));
  };
  const measured = async (method: Partial<WeightScheme>, choice: Choice): Promise<Candidate> => {
    const { flashBytes, accuracy } = await made(method, choice),
      own = await accuracy();
    candidates.push({ method, choice, flashBytes, accuracy: own, kept: floatAccuracy - own <= maxDrop });
    return candidates[candidates.length - 1];
  };
  for (const method of task.methods) {
    const first = await measured(method, {}),
      moves: { name: string; option: Partial<WeightScheme>; saved: number; cost: number }[] = [];
    for (const name of layers) {
      let most = 0;
      for (const option of OPTIONS) {
        const { flashBytes, accuracy } = await made(method, { [name]: option }),
          saved = first.flashBytes - flashBytes;
        if (saved <= most) continue;
        most = saved;
        moves.push({ name, option, saved, cost: (first.accuracy - (await accuracy())) / saved });
      }
    }
    moves.sort((a, b) => a.cost - b.cost);
    for (let count = 1; count <= OPTIONS.length; count++) {
      const taken = new Map<string, number>();
      let now: Choice = {};
      for (const { name, option, saved } of moves) {
        if (!OPTIONS.slice(0, count).includes(option) || saved <= (taken.get(name) ?? 0)) continue;
        const candidate = await measured(method, { ...now, [name]: option });
        if (candidate.kept) ((now = candidate.choice), taken.set(name, saved));
      }
    }
  }
  const kept = candidates.filter((candidate) => candidate.kept),
    [best] = (kept.length ? kept : candidates.slice(0, 1)).sort(
      (a, b) => a.flashBytes - b.flashBytes || b.accuracy - a.accuracy,
    );
  return { candidates, best };
}

/** Those that no other beats in both flash and accuracy; of equals the first. */
export const pareto = (candidates: Candidate[]): Candidate[] =>
  candidates.filter(
    (a, i) =>
      !candidates.some((b, j) => {
        const equal = b.flashBytes === a.flashBytes && b.accuracy === a.accuracy;
        return b.flashBytes <= a.flashBytes && b.accuracy >= a.accuracy && (!equal || j < i);
      }),
  );
