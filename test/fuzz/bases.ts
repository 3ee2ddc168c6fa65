/** Sound files, for the fuzzer to change: whole models, and random operators by themselves. */
import { packGraph, type GraphOptions } from '../../host/file/pack-graph';
import { elements } from '../../host/graph';
import { importTflite } from '../../host/import/tflite/import';
import { FlintError } from '../../src/error';
import { Header } from '../../src/format';
import { network, withWeights } from '../support/network';
import { Random } from '../support/random';
import { smallModel } from '../support/small-model';
import { build, models } from '../support/tflite-models';
import { constant, joined, padded, pair, resized, sliced, transposed, unary } from './elementwise';
import { convolution, dense, depthwise, depthwise3x3, mean, pool } from './layers';
import type { Made } from './made';

export interface Base {
  title: string;
  words: Int32Array<ArrayBuffer>;
}

const baseOf = (title: string, { file }: { file: Uint8Array<ArrayBuffer> }): Base => ({
  title,
  words: new Int32Array(file.buffer),
});

/** The weights of a graph: as they are, mostly zero, of 4 bits with zero points, of 2 bits. */
const WEIGHTS: Record<string, (w: number, i: number) => number> = {
  'as they are': (w) => w,
  sparse: (w, i) => (i % 7 ? 0 : w),
  '4 bits': (w) => (w >> 4) + 4,
  '2 bits': (w) => w >> 6,
};

/** Every model of the golden tests, with every kind of weights. */
export function wholeModels(): Base[] {
  const bases = [baseOf('small model', { file: smallModel() })];
  Object.keys(models).forEach((title, n) => {
    const graph = importTflite(build(title).bytes, title),
      hasWeights = graph.nodes.some((node) => 'parameters' in node);
    Object.entries(WEIGHTS).forEach(([kind, change], i) => {
      if (i && !hasWeights) return;
      const options: GraphOptions = {
        labels: ['a', 'bc'],
        aim: (n + i) & 1 ? 'size' : 'speed',
        rounding: (n + i) & 2 ? 'single' : 'double',
      };
      bases.push(baseOf(`${title}, weights ${kind}`, packGraph(withWeights(graph, change), options)));
    });
  });
  return bases;
}

/** Every kind of operator; those of which more can go wrong more often. */
const KINDS: ((random: Random) => Made | undefined)[] = [
  (r) => convolution(r, 100),
  (r) => convolution(r, 100),
  (r) => convolution(r, 20),
  depthwise,
  depthwise3x3,
  (r) => dense(r, 100),
  (r) => dense(r, 100),
  (r) => dense(r, 10),
  (r) => pool(r, 'maxPool2d'),
  (r) => pool(r, 'averagePool2d'),
  mean,
  (r) => pair(r, 'add'),
  (r) => pair(r, 'multiply'),
  (r) => pair(r, 'prelu'),
  (r) => pair(r, 'maximum'),
  joined,
  padded,
  transposed,
  sliced,
  (r) => resized(r, 'resizeNearest'),
  (r) => resized(r, 'resizeBilinear'),
  (r) => unary(r, 'lookup'),
  (r) => unary(r, 'softmax'),
  (r) => unary(r, 'logSoftmax'),
  constant,
];

/** So many random operators, each a model; the same for the same random numbers. */
export function singleOperators(random: Random, count: number): Base[] {
  const bases: Base[] = [];
  for (let i = 0; bases.length < count; i++) {
    const made = KINDS[i % KINDS.length](random),
      rounding = random.below(2) ? 'double' : 'single',
      aim = random.below(3) ? 'size' : 'speed';
    if (!made) continue;
    try {
      const golden = random.below(4)
        ? undefined
        : random.bytes(
            [...new Set(made.node.inputs.length ? made.node.inputs : ['x'])].reduce(
              (sum, name) => sum + elements(made.tensors[name].shape),
              0,
            ),
          );
      const base = baseOf(
        made.node.op,
        packGraph(network(made.node, made.tensors), { rounding, aim, golden }),
      );
      if (base.words[Header.work] < 100_000) bases.push(base);
    } catch (error) {
      if (!(error instanceof FlintError)) throw error;
    }
  }
  return bases;
}
