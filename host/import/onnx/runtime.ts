/** A model as the ONNX Runtime here takes it. */
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { ModelProtoSchema, ValueInfoProtoSchema } from 'onnx-buf';

/**
 * The newest versions that onnxruntime-node 1.16.3 knows. Later ones, which today's exporters write, mean the
 * same for the operators that run here: they brought new types and new operators. Newer runtimes are no
 * way out: their install scripts download hundreds of megabytes, or fail, wherever the package is installed
 * as a dependency, and they have nothing for Intel Macs.
 */
const NEWEST = { ir: 9n, opset: 19n };

/**
 * The model's bytes, with older version numbers where they need to be.
 * @param outputs values to make outputs of; the model's own when absent or empty
 */
export function forRuntime(onnx: Uint8Array, outputs?: string[]): Uint8Array {
  const model = fromBinary(ModelProtoSchema, onnx as Uint8Array<ArrayBuffer>);
  if (model.irVersion > NEWEST.ir) model.irVersion = NEWEST.ir;
  for (const set of model.opsetImport)
    if ((set.domain === '' || set.domain === 'ai.onnx') && set.version > NEWEST.opset)
      set.version = NEWEST.opset;
  // Without a type: ONNX Runtime knows it, and in models that bring integers it is not always float.
  if (outputs?.length) model.graph!.output = outputs.map((name) => create(ValueInfoProtoSchema, { name }));
  return toBinary(ModelProtoSchema, model);
}

/** All values that a model's nodes give. */
export const valuesIn = (onnx: Uint8Array): Set<string> =>
  new Set(
    fromBinary(ModelProtoSchema, onnx as Uint8Array<ArrayBuffer>).graph!.node.flatMap(({ output }) => output),
  );
