/** Which functions of one value there are, and their tables. */
import type { NodeKinds, Quantization } from '../graph';
import type { Expression } from './expression';
import * as tables from './lookup-tables';
import { isReal, realTable, type RealFunction } from './real-tables';

declare module '../graph' {
  interface NodeKinds<P> {
    /**
     * alpha: the slope of leakyRelu; expression: what `expression` computes; table: of a function that is known
     * by its values; real: whether the table is of the real function, as ONNX Runtime computes it, and its
     * output has a scale of its own.
     */
    lookup: {
      function: UnaryFunction;
      alpha?: number;
      expression?: Expression;
      table?: Int8Array;
      real?: true;
    };
  }
}

/** Those that only integers have: no float graph knows them. */
export type IntegerFunction = 'abs' | 'complement' | 'elu' | 'table';

export type UnaryFunction = RealFunction | IntegerFunction | 'expression';

/** The 256 outputs of a function, from input -128 on. */
export function tableOf(
  { function: name, alpha = 0, expression = 'x', table, real }: NodeKinds<unknown>['lookup'],
  from: Quantization,
  to: Quantization,
  single: boolean,
): Int8Array {
  if (real && isReal(name)) return realTable(name, alpha, from, to);
  switch (name) {
    case 'abs':
      return tables.absTable(from, to, single);
    case 'complement':
      return tables.complementTable();
    case 'elu':
      return tables.eluTable(from, to);
    case 'expression':
      return tables.expressionTable(from, to, expression);
    case 'hardSwish':
      return tables.hardSwishTable(from, to);
    case 'leakyRelu':
      return tables.leakyReluTable(from, to, alpha, single);
    case 'logistic':
      return tables.logisticTable(from, single);
    case 'relu':
      return tables.reluTable(from, to, single, 0, Infinity);
    case 'relu6':
      return tables.relu6Table(from);
    case 'reluN1To1':
      return tables.reluTable(from, to, single, -1, 1);
    case 'requantize':
      return tables.requantizeTable(from, to, single);
    case 'table':
      return table!;
    case 'tanh':
      return tables.tanhTable(from, single);
  }
}
