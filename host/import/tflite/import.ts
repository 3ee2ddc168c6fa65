/**
 * An int8 .tflite model as our graph: quantization, rounding and layout as they are, nothing re-calibrated.
 */
import { FlintError } from '../../../src/error';
import { elements, type IntGraph, type IntParameters, type Node, type TensorInfo } from '../../graph';
import { Refusal, quantization, type TfContext, type TfConverter } from './context';
import { operators } from '../../operators';
import { withoutIdentities } from '../../optimize/identities';
import { storedShape } from './chain';
import { builtinNames } from './names';
import { foldDilated } from './dilated';
import { floatEdges, plainIntegers, shiftBytes } from './edges';
import { foldConstants } from './fold';
import { refusal, refuseKinds, unsupported } from './kind';
import { exposeStates } from './states';
import { foldTables } from './tables';
import { narrowTails } from './tails';
import { readTflite, type TfOperator, type TfTensor } from './read';

/** What an arena has at most. */
const MOST_BYTES = 2 ** 25;

/**
 * By TFLite's name. What folds, and QUANTIZE and DEQUANTIZE at float edges, is gone before these are asked.
 */
const converters: Record<string, TfConverter> = Object.assign({}, ...operators.map(({ tflite }) => tflite));

/**
 * @param name for the model
 * @returns with what people should know of it
 * @throws FlintError when the file is damaged, or listing every operator that cannot be run
 */
export function importTflite(bytes: Uint8Array, name: string): IntGraph & { remarks: string[] } {
  const nameOf = (op: TfOperator): string =>
    op.custom ? `custom ${op.custom}` : (builtinNames[op.code] ?? `operator code ${op.code}`);
  const read = readTflite(bytes),
    apart = exposeStates(read, nameOf),
    folded = { ...apart, operators: foldConstants(apart, nameOf) },
    tabled = { ...folded, operators: foldTables(folded, nameOf) },
    joined = { ...tabled, operators: foldDilated(tabled, nameOf) },
    { operators: narrowed, remarks } = narrowTails(joined, nameOf),
    model = { ...joined, operators: narrowed },
    refusals: string[] = [];
  refuseKinds(model, read.operators, nameOf);
  shiftBytes(model, nameOf);
  plainIntegers(model, nameOf);
  const { skip, inputs, outputs } = floatEdges(model, nameOf);
  const tensors = new Map<string, TensorInfo>(),
    names = new Map<TfTensor, string>(),
    nodes: Node<IntParameters>[] = [];

  const define = (wanted: string, info: Omit<TensorInfo, 'source'>): string => {
    let unique = wanted;
    for (let n = 2; tensors.has(unique); n++) unique = `${wanted}#${n}`;
    tensors.set(unique, { ...info, source: wanted });
    return unique;
  };
  const tensorName = (tensor: TfTensor): string => {
    const known = names.get(tensor);
    if (known) return known;
    if (tensor.shape.some((d) => d < 1))
      throw new Refusal(`tensor ${tensor.name} has the shape [${tensor.shape}]`);
    if (elements(tensor.shape) > MOST_BYTES)
      throw new Refusal(`tensor ${tensor.name} has the shape [${tensor.shape}]: an arena has 32 MB at most`);
    const unique = define(tensor.name, {
      shape: storedShape(tensor.shape),
      quantization: quantization(tensor),
    });
    names.set(tensor, unique);
    if (tensor.data.length) {
      const data = new Int8Array(tensor.data.slice().buffer);
      if (data.length !== elements(tensor.shape))
        throw new Refusal(`constant ${tensor.name} has ${data.length} bytes for the shape [${tensor.shape}]`);
      nodes.push({ op: 'constant', name: unique, inputs: [], output: unique, data });
    }
    return unique;
  };

  const written = new Set(inputs);
  for (const op of model.operators) {
    if (skip.has(op)) {
      op.outputs.forEach((t) => written.add(t));
      continue;
    }
    const title = nameOf(op),
      convert = Object.hasOwn(converters, title) ? converters[title] : undefined;
    const types = [...op.inputs, ...op.outputs].map((t) => (t ? `${t.type}[${t.shape}]` : 'none')).join(', ');
    const context: TfContext = {
      name: tensorName,
      temporary: (shape, like) =>
        define(like.name, { shape: storedShape(shape), quantization: quantization(like) }),
      emit: (node) => nodes.push({ ...node, name: `${op.index} ${title}` } as Node<IntParameters>),
    };
    try {
      if (!convert) throw new Refusal(unsupported(title));
      const early = op.inputs.find((t) => t && !t.data.length && !written.has(t));
      if (early) throw new Refusal(`its input ${early.name} is not computed before it`);
      for (const t of op.outputs)
        if (written.has(t) || t.data.length)
          throw new Refusal(`its output ${t.name} is written twice or constant`);
      convert(op, context);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      refusals.push(`  operator ${op.index} ${title} (${types}): ${error.message}`);
    }
    op.outputs.forEach((t) => written.add(t));
  }
  if (refusals.length) throw refusal(refusals, model.operators.length);
  for (const [list, what] of [
    [inputs, 'input'],
    [outputs, 'output'],
  ] as const) {
    for (const tensor of list) {
      if (tensor.type !== 'int8')
        throw new FlintError(
          `${what} ${tensor.name} is ${tensor.type}; int8 is needed, ` +
            'or a QUANTIZE or DEQUANTIZE between it and the int8 model',
        );
      if (!written.has(tensor)) throw new FlintError(`${what} ${tensor.name} is never computed`);
    }
    if (!list.length) throw new FlintError(`the model has no ${what}s`);
  }
  const graph = { name, inputs: inputs.map(tensorName), outputs: outputs.map(tensorName), tensors, nodes };
  return {
    ...withoutIdentities(graph),
    remarks: [...apart.remarks, ...remarks],
  };
}
