/**
 * An int8 .tflite model as our graph: quantization, rounding and layout as they are, nothing re-calibrated.
 */
import { FlintError } from '../../../src/error';
import type { IntGraph, IntParameters, Node, TensorInfo } from '../../graph';
import { Refusal, quantization, type TfContext, type TfConverter } from './context';
import { operators } from '../../operators';
import { builtinNames } from './names';
import { readTflite, type TfModel, type TfOperator, type TfTensor } from './read';

/** By TFLite's name. QUANTIZE and DEQUANTIZE at the model's edges are taken away before these are asked. */
const converters: Record<string, TfConverter> = Object.assign({}, ...operators.map(({ tflite }) => tflite));

/** Names QUANTIZE and DEQUANTIZE at the edges whose float (or uint8) side the device never sees. */
function edges(
  model: TfModel,
  nameOf: (op: TfOperator) => string,
): { skip: Set<TfOperator>; inputs: TfTensor[]; outputs: TfTensor[] } {
  const skip = new Set<TfOperator>();
  const inputs = model.inputs.map((tensor) => {
    const readers = model.operators.filter((op) => op.inputs.includes(tensor));
    if (tensor.type === 'int8' || readers.length !== 1 || nameOf(readers[0]) !== 'QUANTIZE') return tensor;
    const [inner] = readers[0].outputs;
    // A uint8 image differs from int8 by 128 alone; any other change of scale would be arithmetic.
    if (
      tensor.type === 'uint8' &&
      (tensor.scales[0] !== inner.scales[0] || tensor.zeroPoints[0] - 128 !== inner.zeroPoints[0])
    )
      return tensor;
    skip.add(readers[0]);
    return inner;
  });
  const outputs = model.outputs.map((tensor) => {
    const writer = model.operators.find((op) => op.outputs.includes(tensor));
    if (tensor.type === 'int8' || !writer || !['DEQUANTIZE', 'QUANTIZE'].includes(nameOf(writer)))
      return tensor;
    const inner = writer.inputs[0]!;
    if (
      tensor.type === 'uint8' &&
      (tensor.scales[0] !== inner.scales[0] || tensor.zeroPoints[0] - 128 !== inner.zeroPoints[0])
    )
      return tensor;
    skip.add(writer);
    return inner;
  });
  return { skip, inputs, outputs };
}

/**
 * @param name for the model
 * @throws FlintError when the file is damaged, or listing every operator that cannot be run
 */
export function importTflite(bytes: Uint8Array, name: string): IntGraph {
  const model = readTflite(bytes),
    refusals: string[] = [];
  const nameOf = (op: TfOperator): string =>
    op.custom ? `custom ${op.custom}` : builtinNames[op.code] || `operator code ${op.code}`;
  const { skip, inputs, outputs } = edges(model, nameOf);
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
    if (tensor.shape.length > 4)
      throw new Refusal(`tensor ${tensor.name} has ${tensor.shape.length} dimensions; four are supported`);
    if (tensor.shape.some((d) => d < 1))
      throw new Refusal(`tensor ${tensor.name} has the shape [${tensor.shape}]`);
    const unique = define(tensor.name, {
      shape: tensor.shape.length ? tensor.shape : [1],
      quantization: quantization(tensor),
    });
    names.set(tensor, unique);
    if (tensor.data.length) {
      const data = new Int8Array(tensor.data.slice().buffer);
      if (data.length !== tensor.shape.reduce((a, b) => a * b, 1))
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
      temporary: (shape, like) => define(like.name, { shape, quantization: quantization(like) }),
      emit: (node) => nodes.push({ ...node, name: `${op.index} ${title}` } as Node<IntParameters>),
    };
    try {
      if (!convert)
        throw new Refusal(
          'it is not supported: replace it in the model, or run it before or after the device',
        );
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
  if (refusals.length)
    throw new FlintError(
      `${refusals.length} of ${model.operators.length} operators cannot be run:\n${refusals.join('\n')}`,
    );
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
  return { name, inputs: inputs.map(tensorName), outputs: outputs.map(tensorName), tensors, nodes };
}
