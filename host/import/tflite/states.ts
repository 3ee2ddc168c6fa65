/**
 * What a model keeps from one run to the next, as streaming models do: each variable becomes an input and an
 * output, between which the app copies.
 */
import { FlintError } from '../../../src/error';
import { sameQuantization } from '../../graph';
import { quantization } from './context';
import { codeOf } from './names';
import type { TfModel, TfOperator, TfTensor } from './read';

/** A variable: what is read of it, and what is written last. */
interface Variable {
  input?: TfTensor;
  output?: TfTensor;
  /** What it begins with. */
  first?: TfTensor;
}

/** Variables by the names that handles have, in a graph. */
function handlesOf(operators: TfOperator[], nameOf: (op: TfOperator) => string): Map<TfTensor, string> {
  const handles = operators.filter((op) => nameOf(op) === 'VAR_HANDLE' && op.outputs[0]);
  return new Map(handles.map((op) => [op.outputs[0], op.options?.string(1) ?? '']));
}

/**
 * Takes the variables out of a model. Its own inputs and outputs stay in front.
 * @returns with what people should know of it
 * @throws FlintError where an app could not keep a variable
 */
export function exposeStates(
  model: TfModel,
  nameOf: (op: TfOperator) => string,
): TfModel & { remarks: string[] } {
  const { operators, others } = model,
    handles = handlesOf(operators, nameOf),
    variables = new Map<string, Variable>();
  for (const name of handles.values()) variables.set(name, {});
  const variableOf = (op: TfOperator): Variable | undefined =>
    op.inputs[0] && variables.get(handles.get(op.inputs[0]) ?? '');

  const left: TfOperator[] = [];
  for (const op of operators) {
    const name = nameOf(op),
      variable = variableOf(op),
      [, value] = op.inputs,
      [read] = op.outputs;
    if (name === 'VAR_HANDLE') continue;
    if (name === 'CALL_ONCE') {
      const called = others[(op.options?.int32(0) ?? 0) - 1]?.operators ?? [],
        names = handlesOf(called, nameOf);
      for (const { inputs } of called.filter((o) => nameOf(o) === 'ASSIGN_VARIABLE')) {
        const set = inputs[0] && variables.get(names.get(inputs[0]) ?? '');
        if (set) set.first = inputs[1];
      }
    } else if (name === 'READ_VARIABLE' && variable && read) {
      const known = variable.output ?? variable.input;
      if (known) left.push({ ...op, code: codeOf('RESHAPE'), inputs: [known] });
      else variable.input = read;
    } else if (name === 'ASSIGN_VARIABLE' && variable && value) variable.output = value;
    else left.push(op);
  }
  const kept: [TfTensor, TfTensor][] = [];
  for (const [name, { input, output, first }] of variables) {
    if (!input) continue;
    if (!output || output === input) {
      input.data = first?.data ?? input.data; // never written: a constant
      continue;
    }
    const from = quantization(input);
    if (!sameQuantization(from, quantization(output)))
      throw new FlintError(`variable ${name} is written with another scale than it is read with`);
    if (first && !first.data.every((v) => (v << 24) >> 24 === from.zeroPoint))
      throw new FlintError(`variable ${name} begins with other values than 0, which no app would know of`);
    kept.push([input, output]);
  }
  const names = kept.map(([input]) => input.name).join(', '),
    remark =
      `what the model keeps from one run to the next are its last ${kept.length} inputs (${names}) and outputs: ` +
      'fill these inputs with their zero points at first, and copy the outputs to them after every run';
  return {
    ...model,
    operators: left,
    inputs: [...model.inputs, ...kept.map(([input]) => input)],
    outputs: [...model.outputs, ...kept.map(([, output]) => output)],
    remarks: kept.length ? [remark] : [],
  };
}
