/** An int8 graph as a model file. The golden CRCs are what the device code itself computes here. */
import { fileChecksum } from '../src/checksum';
import { FlintError } from '../src/error';
import { Golden, Header, Kernels, MAGIC, Operator, Rounding, VERSION } from '../src/format';
import { load, runTraced, writeGoldenInput } from '../src/model';
import { encode, type Encoded } from './encode';
import { tensorBytes, type IntGraph, type IntParameters, type Node } from './graph';
import { encodeLanes } from './lanes/encode';
import { BASE_BYTES, temporaryPeak } from './lanes/memory';
import { plan, type Block } from './plan';
import { Writer } from './writer';

export interface FileOptions {
  rounding: 'double' | 'single';
  labels: string[];
  /** The Recipe record's words, when the input is an image. */
  recipe?: number[];
  /** The inputs' bytes of the golden test; random ones from a fixed seed when absent. */
  golden?: Int8Array;
}

/** What was decided for one operator, for people. */
export interface Step {
  node: Node<IntParameters>;
  /** Bytes of the file that are its weights, biases and multipliers. */
  parameterBytes: number;
  scratchBytes: number;
}

export interface Serialized {
  file: Uint8Array<ArrayBuffer>;
  steps: Step[];
  arenaBytes: number;
  /** Of everything a 32-bit XS holds while the model runs. */
  ramBytes: number;
  /** No arrangement of this graph's tensors needs less. */
  arenaLowerBound: number;
}

const GOLDEN_SEED = 1;

const kernelsOf = (node: Node<IntParameters>): Kernels =>
  node.pointwise ? Kernels.pointwise : node.stripRows ? Kernels.lanes : node.sparse ? Kernels.sparse : Kernels.scalar;

/** Reshapes cost nothing: each output is another view of the first tensor in the chain. */
function viewBases(graph: IntGraph): Map<string, string> {
  const base = new Map<string, string>();
  for (const name of graph.tensors.keys()) base.set(name, name);
  for (const node of graph.nodes) if (node.op === 'reshape') base.set(node.output, base.get(node.inputs[0])!);
  return base;
}

/**
 * @param graph int8, every tensor quantized, nodes in execution order
 * @throws FlintError when the graph cannot be expressed
 */
export function serialize(graph: IntGraph, options: FileOptions): Serialized {
  const writer = new Writer();
  writer.words(new Array(Header.words).fill(0));
  const names = [...graph.tensors.keys()], index = (name: string): number => names.indexOf(name);
  const base = viewBases(graph);
  const nodes = graph.nodes.filter((node) => node.op !== 'reshape');
  for (const [name, { shape }] of graph.tensors)
    if (shape.length > 4 || shape.length < 1) throw new FlintError(`tensor ${name} has ${shape.length} dimensions; 1 to 4 can be stored`);

  const encoded: Encoded[] = [], steps: Step[] = [];
  for (const node of nodes) {
    const before = writer.length;
    const e = node.stripRows ? encodeLanes(graph, node, options.rounding === 'single', writer) : encode(graph, node, index, writer);
    encoded.push(e);
    steps.push({ node, parameterBytes: writer.length - before, scratchBytes: e.scratchBytes });
  }

  // Lifetimes, of tensors that own their bytes; then a block of scratch for every operator.
  const owners = names.filter((name) => base.get(name) === name);
  const lifetime = (name: string): [number, number] => {
    const views = names.filter((n) => base.get(n) === name);
    const first = graph.inputs.includes(name) ? -1 : nodes.findIndex((node) => node.output === name);
    const readers = nodes.map((node, i) => (node.inputs.some((n) => views.includes(n)) ? i : -1));
    return [first, views.some((v) => graph.outputs.includes(v)) ? nodes.length : Math.max(first, ...readers)];
  };
  const blocks: Block[] = owners.map((name) => {
    const [first, last] = lifetime(name);
    return { bytes: tensorBytes(graph.tensors.get(name)!), first, last };
  });
  encoded.forEach((e, i) => blocks.push({ bytes: e.scratchBytes, first: i, last: i }));
  const { addresses, arenaBytes, lowerBound } = plan(blocks);

  const nameOffsets = names.map((name) => writer.string(name));
  const nodeNames = nodes.map((node) => writer.string(node.name));
  const tensorWords = names.flatMap((name, i) => {
    const tensor = graph.tensors.get(name)!, { shape, quantization, pitch = 0 } = tensor, owner = owners.indexOf(base.get(name)!);
    const scale = new Int32Array(new Float32Array([quantization!.scale]).buffer)[0];
    return [
      addresses[owner], tensorBytes(tensor), shape.length, ...[...shape, 1, 1, 1].slice(0, 4), scale, quantization!.zeroPoint,
      blocks[owner].first, blocks[owner].last, index(base.get(name)!), pitch, nameOffsets[i],
    ];
  });
  const records = nodes.map((node, i) => {
    const e = encoded[i];
    return writer.words([
      e.code, Operator.words + e.fields.length, kernelsOf(node), nodeNames[i], node.inputs.length ? index(node.inputs[0]) : -1, node.inputs.length > 1 ? index(node.inputs[1]) : -1,
      index(node.output), addresses[owners.length + i], e.scratchBytes, 0, ...e.fields,
    ]);
  });

  const header = new Array<number>(Header.words).fill(0);
  header[Header.magic] = MAGIC;
  header[Header.version] = VERSION;
  header[Header.rounding] = options.rounding === 'single' ? Rounding.single : Rounding.double;
  header[Header.arenaBytes] = (arenaBytes + 3) & ~3;
  header[Header.ramBytes] = Math.ceil((BASE_BYTES + header[Header.arenaBytes] + temporaryPeak(graph)) / 1024) * 1024;
  header[Header.tensorCount] = names.length;
  header[Header.tensors] = writer.words(tensorWords);
  header[Header.operatorCount] = nodes.length;
  header[Header.operators] = writer.words(records);
  header[Header.inputCount] = graph.inputs.length;
  header[Header.inputs] = writer.words(graph.inputs.map(index));
  header[Header.outputCount] = graph.outputs.length;
  header[Header.outputs] = writer.words(graph.outputs.map(index));
  header[Header.recipe] = options.recipe ? writer.words(options.recipe) : 0;
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

  const seal = (): Uint8Array<ArrayBuffer> => {
    const file = writer.finish();
    writer.patch(Header.checksum * 4, fileChecksum(file.buffer, (Header.checksum + 1) * 4, file.length));
    return writer.finish();
  };
  const model = load(seal().buffer);
  writeGoldenInput(model);
  runTraced(model, (i, crc) => writer.patch(records[i] + Operator.golden * 4, crc));
  return { file: seal(), steps, arenaBytes: header[Header.arenaBytes], ramBytes: header[Header.ramBytes], arenaLowerBound: lowerBound };
}
