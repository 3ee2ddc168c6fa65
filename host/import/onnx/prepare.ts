/// <reference types="node" />
/**
 * A model file as the importer and ONNX Runtime take it: whole, in float32, with fixed sizes. Whatever is
 * changed is changed here, before either looks at it, so that both see one network.
 */
import { create, toBinary } from '@bufbuild/protobuf';
import { dirname } from 'node:path';
import { ModelProtoSchema, StringStringEntryProtoSchema, type GraphProto, type TensorProto } from 'onnx-buf';
import { readBytes } from '../../system/read';
import { giveScores } from './decisions';
import { decompose } from './decompose';
import { externalReader } from './external';
import { otherFloats, widen } from './half';
import { fixInputs, type ImageSize } from './inputs';
import { opsetOf, parseOnnx, REMARK } from './read';
import { undoDynamic } from './undo-dynamic';

/** Every constant of a graph. */
const tensorsOf = (graph: GraphProto): TensorProto[] => [
  ...graph.initializer,
  ...graph.node.flatMap((node) => node.attribute.flatMap((a) => (a.t ? [a.t] : []))),
];

const FLOAT = 1;

/** Inputs, outputs and casts of other floats are of float32. */
function inFloat32(graph: GraphProto): void {
  tensorsOf(graph).forEach(widen);
  for (const { type } of [...graph.input, ...graph.output])
    if (type?.value.case === 'tensorType' && otherFloats.has(type.value.value.elemType))
      type.value.value.elemType = FLOAT;
  for (const { opType, attribute } of graph.node)
    for (const a of attribute)
      if (opType === 'Cast' && a.name === 'to' && otherFloats.has(Number(a.i))) a.i = BigInt(FLOAT);
}

/**
 * @param image what the recipe makes, for a model that leaves the size of its input open
 * @param folder where weights in other files are looked for; nowhere when absent
 * @throws FlintError when the file is damaged, or weights in other files are not there
 */
export function prepare(bytes: Uint8Array, image?: ImageSize, folder?: string): Uint8Array {
  const model = parseOnnx(bytes),
    graph = model.graph!;
  if (folder !== undefined) tensorsOf(graph).forEach(externalReader(folder));
  inFloat32(graph);
  model.metadataProps.push(
    ...giveScores(graph).map((value) => create(StringStringEntryProtoSchema, { key: REMARK, value })),
  );
  fixInputs(graph, image);
  undoDynamic(graph, opsetOf(model));
  decompose(graph, opsetOf(model));
  return toBinary(ModelProtoSchema, model);
}

/** Reads a model file, and the weights beside it. @throws FlintError as `prepare` does */
export const readOnnxFile = (path: string, image?: ImageSize, what?: string): Uint8Array =>
  prepare(readBytes(path, what), image, dirname(path));
