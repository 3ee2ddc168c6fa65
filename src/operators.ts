/** Every operator of the device. */
import { Header, Operator } from './format';
import { add } from './operators/add';
import { averagePool2d } from './operators/average-pool2d';
import { concatenation } from './operators/concatenation';
import { constant } from './operators/constant';
import { conv2d } from './operators/conv2d';
import { depthwiseConv2d } from './operators/depthwise-conv2d';
import { fullyConnected } from './operators/fully-connected';
import { logSoftmax } from './operators/log-softmax';
import { lookup } from './operators/lookup';
import { maxPool2d } from './operators/max-pool2d';
import { maximum } from './operators/maximum';
import { mean } from './operators/mean';
import { multiply } from './operators/multiply';
import type { DeviceOperator } from './operators/operator';
import { pad } from './operators/pad';
import { prelu } from './operators/prelu';
import { resizeBilinear } from './operators/resize-bilinear';
import { resizeNearest } from './operators/resize-nearest';
import { slice } from './operators/slice';
import { softmax } from './operators/softmax';
import { sparseConv2d } from './operators/sparse-conv2d';
import { sparseFullyConnected } from './operators/sparse-fully-connected';
import { transpose } from './operators/transpose';
import type { Model } from './state';

/** By code. A code is a place in this list, and part of the file format: new operators go to its end. */
export const operators: readonly DeviceOperator[] = Object.freeze([
  conv2d,
  depthwiseConv2d,
  fullyConnected,
  sparseConv2d,
  sparseFullyConnected,
  maxPool2d,
  averagePool2d,
  mean,
  add,
  multiply,
  prelu,
  lookup,
  softmax,
  concatenation,
  pad,
  transpose,
  slice,
  resizeNearest,
  constant,
  maximum,
  resizeBilinear,
  logSoftmax,
]);

/**
 * Runs operator `index` of a loaded model.
 *
 * @compiled kernels
 */
export function runKernel(model: Model, index: number): void {
  const { words } = model,
    at = words[(words[Header.operators] >> 2) + index] >> 2;
  operators[words[at + Operator.code]].run(model, at);
}
