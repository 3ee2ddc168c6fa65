/**
 * Models that are quantized while they run (quantize_dynamic): their weights are integers, and each
 * activation is rounded with a scale that is found when it is known. Ranges are fixed here when a model is
 * packed, so these become the float models that they stand for, with the very weights they store.
 */
import { create } from '@bufbuild/protobuf';
import {
  NodeProtoSchema,
  TensorProtoSchema,
  TensorProto_DataType as Type,
  type GraphProto,
  type NodeProto,
} from 'onnx-buf';
import { typeOf } from './read';
import { constantNames, storedShape } from './stored';
import { Speller } from './speller';

/** The float operator that an operator on integers stands for, and where its inputs stand. */
interface Counterpart {
  type: 'Conv' | 'MatMul';
  /** Whether its first operand is integers. */
  integers: boolean;
  /** The weights' scale; in most models a Mul behind the operator brings it. */
  scale?: number;
  zeroPoint: number;
  bias?: number;
  /** The weights' dimension along which there may be several scales or zero points. */
  axis: number;
}

const counterparts: Record<string, Counterpart> = {
  ConvInteger: { type: 'Conv', integers: true, zeroPoint: 3, axis: 0 },
  MatMulInteger: { type: 'MatMul', integers: true, zeroPoint: 3, axis: 1 },
  'com.microsoft.MatMulIntegerToFloat': {
    type: 'MatMul',
    integers: true,
    scale: 3,
    zeroPoint: 5,
    bias: 6,
    axis: 1,
  },
  'com.microsoft.DynamicQuantizeMatMul': {
    type: 'MatMul',
    integers: false,
    scale: 2,
    zeroPoint: 3,
    bias: 4,
    axis: 1,
  },
};

/** Spells the operator with floats. */
function inFloat(s: Speller, { input, attribute }: NodeProto, known: Counterpart): string {
  const { type, axis } = known,
    at = (i: number | undefined): string => (i === undefined ? '' : (input[i] ?? '')),
    zeroPoint = at(known.zeroPoint),
    count = storedShape(s.graph, zeroPoint)?.[0],
    scale =
      at(known.scale) || (count === undefined ? s.float(1) : s.floats(new Array<number>(count).fill(1))),
    weights = s.add(
      'DequantizeLinear',
      [input[1], scale, ...(zeroPoint ? [zeroPoint] : [])],
      s.opset < 13 ? {} : { axis }, // before, there is one scale for all
    ),
    bias = at(known.bias);
  const product = s.add(type, [input[0], weights]);
  s.nodes[s.nodes.length - 1].attribute = attribute;
  return bias ? s.add('Add', [product, bias]) : product;
}

/** Takes the rounding of activations out of a graph whose ranges are found while it runs. */
export function undoDynamic(graph: GraphProto, opset: number): void {
  const constants = constantNames(graph),
    floats = new Set<string>(); // what was integers
  const stored = (name: string, value: object): void =>
    void graph.initializer.push(create(TensorProtoSchema, { name, ...value }));
  graph.node = graph.node.flatMap((node): NodeProto[] => {
    const { input, output } = node,
      type = typeOf(node),
      made = floats.has(input[0]),
      same = (): NodeProto =>
        create(NodeProtoSchema, {
          opType: 'Identity',
          name: node.name,
          input: [input[0]],
          output: [output[0]],
        });
    if (type === 'DynamicQuantizeLinear') {
      floats.add(output[0]);
      if (output[1]) stored(output[1], { dataType: Type.FLOAT, floatData: [1] });
      if (output[2]) stored(output[2], { dataType: Type.UINT8, int32Data: [0] });
      return [same()];
    }
    if (made && type === 'DequantizeLinear') return [same()];
    const known = Object.hasOwn(counterparts, type) ? counterparts[type] : undefined;
    if (known && (made || !known.integers)) {
      const s = new Speller(node, graph, opset, constants);
      return s.finished(inFloat(s, node, known));
    }
    if (made) output.forEach((name) => floats.add(name)); // it moves what it reads
    return [node];
  });
}
