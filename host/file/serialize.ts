/** A lowered and planned graph as the bytes of a model file; only the golden CRCs are not known yet. */
import { FlintError } from '../../src/error';
import { Golden, Header, MAGIC, Operator, Rounding, VERSION } from '../../src/format';
import { operators as deviceOperators } from '../../src/operators';
import { elements } from '../graph';
import type { ArenaPlan } from './arena';
import type { LoweredGraph } from './lower';
import { recordWords } from './record';
import { Writer } from './writer';

/** What the file says besides the graph. */
export interface FileOptions {
  labels: string[];
  /** The Preprocessing record's words, when the input is an image. */
  preprocessing?: number[];
  /** The inputs' bytes of the golden test; random ones from a fixed seed when absent. */
  golden?: Int8Array;
}

/** A file that lacks its golden CRCs and its checksum. */
export interface Serialized {
  writer: Writer;
  /** Offsets of the operators' records. */
  records: number[];
  /** Bytes of the file that are each operator's weights, biases and tables. */
  parameterBytes: number[];
}

const GOLDEN_SEED = 1;

const bitsOf = (scale: number): number => new Int32Array(new Float32Array([scale]).buffer)[0];

/** Words of all tensor records. @param nameOffsets of the tensors' names */
function tensorWords(
  { graph, base }: LoweredGraph,
  plan: ArenaPlan,
  names: string[],
  nameOffsets: number[],
): number[] {
  const index = new Map(names.map((name, i) => [name, i]));
  return names.flatMap((name, i) => {
    const { shape, quantization } = graph.tensors.get(name)!,
      owner = base.get(name)!,
      { address, first, last } = plan.tensors.get(owner)!,
      { scale, zeroPoint } = quantization!;
    const sizes = [elements(shape), shape.length, ...[...shape, 1, 1, 1].slice(0, 4)];
    return [address, ...sizes, bitsOf(scale), zeroPoint, first, last, index.get(owner)!, nameOffsets[i]];
  });
}

/**
 * Writes everything but the golden CRCs and the checksum; see golden.ts.
 * @throws FlintError when one inference takes more steps than the header can state
 */
export function serialize(lowered: LoweredGraph, plan: ArenaPlan, options: FileOptions): Serialized {
  const { graph, nodes } = lowered,
    writer = new Writer(),
    names = [...graph.tensors.keys()],
    index = new Map(names.map((name, i) => [name, i]));
  writer.words(new Array<number>(Header.words).fill(0));
  const work = nodes.reduce((sum, node) => sum + node.work, 0);
  if (work >= 2 ** 31 - 1)
    throw new FlintError(`one inference takes ${work} steps; fewer than 2^31 - 1 can be run`);

  const parameterBytes: number[] = [];
  const own = nodes.map(({ operator, fields, node }) => {
    const before = writer.length,
      code = deviceOperators.findIndex(({ name }) => name === operator);
    if (code < 0) throw new Error(`the device has no operator ${operator}`);
    const words = recordWords(`${operator} ${node.name}`, deviceOperators[code].words, fields, writer);
    parameterBytes.push(writer.length - before);
    return { code, words };
  });
  const nameOffsets = names.map((name) => writer.string(name)),
    nodeNames = nodes.map(({ node }) => writer.string(node.name));
  const records = nodes.map(({ node, scratchBytes = 0 }, i) => {
    const { code, words } = own[i],
      [input = -1, input2 = -1] = node.inputs.map((name) => index.get(name)!),
      operands = [input, input2, index.get(node.output)!],
      golden = 0;
    const common = [
      code,
      Operator.words + words.length,
      nodeNames[i],
      ...operands,
      plan.scratch[i],
      scratchBytes,
      golden,
    ];
    return writer.words([...common, ...words]);
  });

  const header = new Array<number>(Header.words).fill(0),
    indices = (list: string[]): number => writer.words(list.map((name) => index.get(name)!));
  header[Header.magic] = MAGIC;
  header[Header.version] = VERSION;
  header[Header.rounding] = lowered.single ? Rounding.single : Rounding.double;
  header[Header.arenaBytes] = plan.arenaBytes;
  header[Header.work] = work;
  header[Header.tensorCount] = names.length;
  header[Header.tensors] = writer.words(tensorWords(lowered, plan, names, nameOffsets));
  header[Header.operatorCount] = nodes.length;
  header[Header.operators] = writer.words(records);
  header[Header.inputCount] = graph.inputs.length;
  header[Header.inputs] = indices(graph.inputs);
  header[Header.outputCount] = graph.outputs.length;
  header[Header.outputs] = indices(graph.outputs);
  header[Header.preprocessing] = options.preprocessing ? writer.words(options.preprocessing) : 0;
  const golden: number[] = [];
  golden[Golden.input] = options.golden ? writer.data(options.golden) : 0;
  golden[Golden.seed] = GOLDEN_SEED;
  header[Header.golden] = writer.words(golden);
  header[Header.labelCount] = options.labels.length;
  header[Header.labels] = writer.length;
  for (const label of options.labels) writer.string(label);
  header[Header.name] = writer.string(graph.name);
  header[Header.fileBytes] = writer.align();
  header.forEach((word, i) => writer.patch(i * 4, word));
  return { writer, records, parameterBytes };
}
