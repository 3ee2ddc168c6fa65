/**
 * Ends of a classifier that name the class: an ArgMax or TopK, scikit-learn's table of labels, its ZipMap.
 * They give integers or maps, which the device has not, and nothing that its topK does not find in the scores.
 * So the scores that they read become the model's output.
 */
import { create } from '@bufbuild/protobuf';
import { ValueInfoProtoSchema, type GraphProto, type NodeProto } from 'onnx-buf';
import { typeOf } from './read';

/** Operators that choose among scores, which are their first input. */
const CHOOSES = ['ArgMax', 'TopK', 'ai.onnx.ml.ZipMap'];

/** Operators that look up in a table, and the input that says where. */
const LOOKS_UP = ['Gather', 'ai.onnx.ml.ArrayFeatureExtractor'];

/** Operators that leave what they read as it is, but for its shape and type. */
const KEEPS = ['Cast', 'Identity', 'Reshape', 'Squeeze', 'Unsqueeze', 'Flatten'];

/** An output's scores, and the operators behind them, the one that chooses first. */
interface Decision {
  scores: string;
  operators: string[];
}

/** What an output chooses among, where nothing but that is between it and the scores. */
function decisionOf(makers: Map<string, NodeProto>, output: string): Decision | undefined {
  const operators: string[] = [];
  for (let node = makers.get(output); node;) {
    const type = typeOf(node);
    operators.unshift(node.opType);
    if (CHOOSES.includes(type)) return { scores: node.input[0], operators };
    if (LOOKS_UP.includes(type)) node = makers.get(node.input[1]);
    else if (KEEPS.includes(type)) node = makers.get(node.input[0]);
    else return undefined;
  }
  return undefined;
}

/** The value that one is but for its shape. */
function origin(makers: Map<string, NodeProto>, name: string): string {
  const node = makers.get(name);
  return node && KEEPS.includes(typeOf(node)) ? origin(makers, node.input[0]) : name;
}

/**
 * Makes the scores outputs in the place of what is chosen among them, once each.
 * @returns what people should know of it
 */
export function giveScores(graph: GraphProto): string[] {
  const makers = new Map(graph.node.flatMap((node) => node.output.map((name) => [name, node] as const))),
    decisions = new Map(graph.output.map(({ name }) => [name, decisionOf(makers, name)])),
    kept = graph.output.filter(({ name }) => !decisions.get(name)),
    given = new Set(kept.map(({ name }) => origin(makers, name))),
    remarks: string[] = [];
  graph.output = graph.output.flatMap((output) => {
    const decision = decisions.get(output.name);
    if (!decision) return [output];
    const { scores, operators } = decision,
      isNew = !given.has(origin(makers, scores));
    given.add(origin(makers, scores));
    remarks.push(
      `output ${output.name} is left out (${operators.join(', ')}): the device names classes itself, ` +
        'by topK; ' +
        (isNew ? `the scores ${scores} are the output` : 'the scores are an output of the model'),
    );
    // Without a type: it is not always float in models that bring integers.
    return isNew ? [create(ValueInfoProtoSchema, { name: scores })] : [];
  });
  return remarks;
}
