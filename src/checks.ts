/**
 * What each kernel relies on, checked once when a model is loaded: shapes that belong together, windows that stay inside
 * their (padded) input, parameters that lie inside the file, scratch that is large enough.
 */
import type { Checked } from './checks/common';
import { checkConv2d, checkDepthwiseConv2d, checkFullyConnected, checkMean } from './checks/layers';
import { checkLayout, checkPointwise, lanesChecks, lanesWords } from './checks/lanes';
import { checkConcatenation, checkConstant, checkPad, checkResizeNearest, checkSlice, checkTranspose } from './checks/moves';
import { checkSparse } from './checks/sparse';
import { checkAdd, checkLookup, checkMultiply, checkPool2d, checkPrelu, checkSoftmax } from './checks/values';
import {
  Add, Concatenation, Constant, Conv2d, DepthwiseConv2d, FullyConnected, Header, Kernels, Lookup, Mean, Multiply, Operator, OperatorCode, Pad,
  Pool2d, Prelu, ResizeNearest, Slice, Softmax, Tensor, Transpose,
} from './format';

/** What is wrong with the operator whose record begins at word `at`; empty when nothing is. */
export function checkOperator(words: Int32Array, at: number, readable: (tensor: number) => boolean): string {
  const code = words[at + Operator.code], set = words[at + Operator.kernels], onLanes = set === Kernels.lanes,
    own = set === Kernels.pointwise || set === Kernels.sparse;
  const check = set === Kernels.pointwise ? checkPointwise : set === Kernels.sparse ? checkSparse : (onLanes ? lanesChecks : checks)[code];
  if (set < 0 || set > Kernels.sparse) return 'its kernels are not in this runtime';
  if (!check) return onLanes ? `no kernel on lanes for operator code ${code}` : `unknown operator code ${code}`;
  if (!own && words[at + Operator.size] < (onLanes ? lanesWords : recordWords)[code]) return 'its record is too short';
  if (code !== OperatorCode.constant && !readable(words[at + Operator.input])) return 'its input is not there';
  const tensors = words[Header.tensors] >> 2;
  const input = tensors + words[at + Operator.input] * Tensor.words, output = tensors + words[at + Operator.output] * Tensor.words;
  if ((set === Kernels.scalar || set === Kernels.sparse) && code !== OperatorCode.layout && 
    ((code !== OperatorCode.constant && words[input + Tensor.pitch]) || words[output + Tensor.pitch]))
    return 'its tensors are planes';
  return check({ words, at, input, output, readable });
}

const checks: (((c: Checked) => string) | undefined)[] = [];
const recordWords: number[] = [];
function register(code: OperatorCode, words: number, check: (c: Checked) => string): void {
  checks[code] = check;
  recordWords[code] = words;
}
register(OperatorCode.conv2d, Conv2d.words, checkConv2d);
register(OperatorCode.depthwiseConv2d, DepthwiseConv2d.words, checkDepthwiseConv2d);
register(OperatorCode.fullyConnected, FullyConnected.words, checkFullyConnected);
register(OperatorCode.maxPool2d, Pool2d.words, checkPool2d);
register(OperatorCode.averagePool2d, Pool2d.words, checkPool2d);
register(OperatorCode.add, Add.words, checkAdd);
register(OperatorCode.concatenation, Concatenation.words, checkConcatenation);
register(OperatorCode.pad, Pad.words, checkPad);
register(OperatorCode.softmax, Softmax.words, checkSoftmax);
register(OperatorCode.multiply, Multiply.words, checkMultiply);
register(OperatorCode.prelu, Prelu.words, checkPrelu);
register(OperatorCode.lookup, Lookup.words, checkLookup);
register(OperatorCode.mean, Mean.words, checkMean);
register(OperatorCode.transpose, Transpose.words, checkTranspose);
register(OperatorCode.slice, Slice.words, checkSlice);
register(OperatorCode.resizeNearest, ResizeNearest.words, checkResizeNearest);
register(OperatorCode.constant, Constant.words, checkConstant);
register(OperatorCode.layout, Operator.words, checkLayout);
Object.freeze(checks);
Object.freeze(recordWords);
