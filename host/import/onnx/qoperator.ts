/**
 * Operators on integers (QOperator: QLinearConv, QGemm, ...) as QDQ spells them: DequantizeLinear in front of
 * the operator, QuantizeLinear behind it. This is how ONNX defines them.
 */
import { need, refuse, type Integers } from './context';
import type { Constant, OnnxNode } from './read';

/** What a spelling needs to know of the model. */
interface Known {
  integers: Integers;
  constants: Map<string, Constant>;
  opset: number;
}

/** The operator in the middle. */
interface Spelling {
  type: string;
  /** Where each operand stands among the inputs; its scale and zero point follow it. */
  operands: number[];
  /** Where the output's scale stands; its zero point follows it. */
  output: number;
  /** Where an int32 bias stands, in units of the product of the operands' scales. */
  bias?: number;
  /** Inputs that are handed on as they are. */
  rest?: number[];
}

const unary = (type: string): Spelling => ({ type, operands: [0], output: 3 });
const binary = (type: string): Spelling => ({ type, operands: [0, 3], output: 6 });

const spellings: Record<string, Spelling> = {
  QLinearConv: { ...binary('Conv'), bias: 8 },
  QLinearMatMul: binary('MatMul'),
  'com.microsoft.QGemm': { type: 'Gemm', operands: [0, 3], bias: 6, output: 7 },
  'com.microsoft.QLinearAdd': binary('Add'),
  'com.microsoft.QLinearMul': binary('Mul'),
  'com.microsoft.QLinearAveragePool': unary('AveragePool'),
  'com.microsoft.QLinearGlobalAveragePool': unary('GlobalAveragePool'),
  'com.microsoft.QLinearLeakyRelu': unary('LeakyRelu'),
  'com.microsoft.QLinearReduceMean': unary('ReduceMean'),
  'com.microsoft.QLinearSigmoid': unary('Sigmoid'),
  'com.microsoft.QLinearSoftmax': unary('Softmax'),
};

/** Operators that only move or compare integers, so that models give them integers as they are. */
const moving = new Set([
  'Concat',
  'Expand',
  'Flatten',
  'Gather',
  'Identity',
  'Max',
  'MaxPool',
  'Pad',
  'Reshape',
  'Resize',
  'Slice',
  'Split',
  'Squeeze',
  'Tile',
  'Transpose',
  'Unsqueeze',
]);

/** A part of a node: what it does not say is the node's. */
const part = (node: OnnxNode, changed: Partial<OnnxNode>): OnnxNode => ({ ...node, ...changed });

const plain = { attributes: new Map() } as const;

/** Integers in front of the operator, as the floats they stand for. */
function real(node: OnnxNode, i: number, parameters: string[]): OnnxNode {
  const [input, output] = [node.inputs[i], `${node.outputs[0]}/operand${i}`];
  need(input, `its input ${i} is missing`);
  return part(node, {
    type: 'DequantizeLinear',
    inputs: [input, ...parameters],
    outputs: [output],
    ...plain,
  });
}

/** Its output, which the operator before it computes under the same name, as integers. */
const integer = (node: OnnxNode, output: string, parameters: string[]): OnnxNode =>
  part(node, { type: 'QuantizeLinear', inputs: [output, ...parameters], outputs: [output], ...plain });

function spell(node: OnnxNode, spelling: Spelling, { constants, opset }: Known): OnnxNode[] {
  const { type, operands, output, bias } = spelling,
    { attributes, inputs } = node;
  need(!attributes.get('channels_last'), 'it takes images with their channels last: export it without');
  const own = attributes.get('opset');
  need(
    type !== 'Softmax' || typeof own !== 'number' || own >= 13 === opset >= 13,
    `it is a Softmax of opset ${own} in a model of opset ${opset}`,
  );
  // Weights may have a scale for each output channel, which stands behind their first dimension in a
  // convolution, behind the last one in a matrix unless that is transposed.
  const axis = type === 'Conv' || attributes.get('transB') ? 0 : 1,
    front = operands.map((i) => ({
      ...real(node, i, inputs.slice(i + 1, i + 3)),
      attributes: new Map([['axis', axis]]),
    }));
  const names = front.map((n) => n.outputs[0]);
  if (bias !== undefined && inputs[bias]) {
    const [x, w] = operands.map((i) => constants.get(inputs[i + 1]));
    need(x && w, 'its scales must be constants');
    const scale = `${node.outputs[0]}/scale of bias`;
    constants.set(scale, { shape: w.shape, data: Float32Array.from(w.data, (s) => s * x.data[0]) });
    const dequantize = real(node, bias, [scale]);
    front.push({ ...dequantize, attributes: new Map([['axis', 0]]) });
    names.push(dequantize.outputs[0]);
  }
  // QGemm may give floats.
  const behind = inputs[output] ? [integer(node, node.outputs[0], inputs.slice(output, output + 2))] : [];
  return [...front, part(node, { type, inputs: names }), ...behind];
}

/** The output's scale and zero point come first, then three inputs for each operand. */
function concat(node: OnnxNode): OnnxNode[] {
  const { inputs } = node,
    count = Math.floor((inputs.length - 2) / 3),
    front = Array.from({ length: count }, (_, k) => 2 + 3 * k).map((i) =>
      real(node, i, inputs.slice(i + 1, i + 3)),
    );
  need(count > 0 && inputs.length === 2 + 3 * count, `it has ${inputs.length} inputs`);
  return [
    ...front,
    part(node, { type: 'Concat', inputs: front.map((n) => n.outputs[0]) }),
    integer(node, node.outputs[0], inputs.slice(0, 2)),
  ];
}

/** An operator of floats that is given integers. */
function move(node: OnnxNode, { integers, constants }: Known): OnnxNode[] {
  const { type, inputs } = node,
    joins = type === 'Concat' || type === 'Max',
    count = joins ? inputs.length : 1,
    valueOf = (name: string): number | undefined => constants.get(name)?.data[0],
    parameters = integers.get(inputs[0]) ?? refuse(`its input ${inputs[0]} holds no integers`);
  need(parameters.length, `what the integers of ${inputs[0]} stand for is not said before it reads them`);
  for (const input of inputs.slice(0, count)) {
    const other = integers.get(input) ?? refuse(`its input ${input} holds no integers, the others do`);
    const alike = [0, 1].every((k) => valueOf(other[k]) === valueOf(parameters[k]));
    need(alike, 'it joins integers of different scales as if they had one');
  }
  const front = inputs.slice(0, count).map((_, i) => real(node, i, parameters));
  let rest = inputs.slice(count);
  if (type === 'Pad') {
    // Without a value ONNX fills up with integers of 0, whatever they stand for.
    const [pads, given, ...more] = rest,
      value = given || `${node.outputs[0]}/fill`;
    if (!given) constants.set(value, { shape: [], data: [0] });
    front.push(real(part(node, { inputs: ['', '', value] }), 2, parameters));
    rest = [pads, front[1].outputs[0], ...more];
  }
  return [
    ...front,
    part(node, { inputs: [...front.slice(0, count).map((n) => n.outputs[0]), ...rest] }),
    ...node.outputs.filter(Boolean).map((output) => integer(node, output, parameters)),
  ];
}

/** A node as one or more that know nothing but floats, QuantizeLinear and DequantizeLinear. */
export function spelledOut(node: OnnxNode, known: Known): OnnxNode[] {
  const type = node.type.replace(/^com\.microsoft\.((Q|Deq)uantizeLinear)$/, '$1');
  if (type === 'com.microsoft.QLinearConcat') return concat(node);
  if (Object.hasOwn(spellings, type)) return spell(node, spellings[type], known);
  const given = node.inputs.some((input) => known.integers.has(input));
  return given && moving.has(type) ? move(node, known) : [part(node, { type })];
}
