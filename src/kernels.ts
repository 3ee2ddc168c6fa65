import type { Model } from './model';
import { Kernels, Operator, OperatorCode } from './format';
import { add } from './kernels/add';
import { concatenation } from './kernels/concatenation';
import { conv2d } from './kernels/conv2d';
import { depthwiseConv2d } from './kernels/depthwise-conv2d';
import { constant } from './kernels/constant';
import { fullyConnected } from './kernels/fully-connected';
import { lookup } from './kernels/lookup';
import { mean } from './kernels/mean';
import { multiply } from './kernels/multiply';
import { pad } from './kernels/pad';
import { averagePool2d, maxPool2d } from './kernels/pool2d';
import { prelu } from './kernels/prelu';
import { resizeNearest } from './kernels/resize-nearest';
import { slice } from './kernels/slice';
import { softmax } from './kernels/softmax';
import { sparseConv2d } from './kernels/sparse-conv2d';
import { sparseFullyConnected } from './kernels/sparse-fully-connected';
import { transpose } from './kernels/transpose';
import { add as addLanes } from './lanes/add';
import { conv2d as conv2dLanes } from './lanes/conv2d';
import { fullyConnected as fullyConnectedLanes } from './lanes/fully-connected';
import { layout } from './lanes/layout';
import { pointwise } from './lanes/pointwise';
import { globalAverage, maxPool2d as maxPool2dLanes } from './lanes/pool2d';

/** Runs the operator whose record begins at word `at`. */
export type Kernel = (model: Model, at: number) => void;

/** The scalar kernels by operator code; frozen, so that a preloaded table stays in flash. */
export const kernels: Kernel[] = [];
kernels[OperatorCode.conv2d] = conv2d;
kernels[OperatorCode.depthwiseConv2d] = depthwiseConv2d;
kernels[OperatorCode.fullyConnected] = fullyConnected;
kernels[OperatorCode.maxPool2d] = maxPool2d;
kernels[OperatorCode.averagePool2d] = averagePool2d;
kernels[OperatorCode.add] = add;
kernels[OperatorCode.concatenation] = concatenation;
kernels[OperatorCode.pad] = pad;
kernels[OperatorCode.softmax] = softmax;
kernels[OperatorCode.multiply] = multiply;
kernels[OperatorCode.prelu] = prelu;
kernels[OperatorCode.lookup] = lookup;
kernels[OperatorCode.mean] = mean;
kernels[OperatorCode.transpose] = transpose;
kernels[OperatorCode.slice] = slice;
kernels[OperatorCode.resizeNearest] = resizeNearest;
kernels[OperatorCode.constant] = constant;
kernels[OperatorCode.layout] = layout;
Object.freeze(kernels);

/** The kernels on lanes, by operator code. */
export const lanesKernels: Kernel[] = [];
lanesKernels[OperatorCode.conv2d] = conv2dLanes;
lanesKernels[OperatorCode.depthwiseConv2d] = conv2dLanes;
lanesKernels[OperatorCode.fullyConnected] = fullyConnectedLanes;
lanesKernels[OperatorCode.maxPool2d] = maxPool2dLanes;
lanesKernels[OperatorCode.averagePool2d] = globalAverage;
lanesKernels[OperatorCode.mean] = globalAverage;
lanesKernels[OperatorCode.add] = addLanes;
Object.freeze(lanesKernels);

/** The scalar kernels of weights that are mostly zero, by operator code. */
export const sparseKernels: Kernel[] = [];
sparseKernels[OperatorCode.conv2d] = sparseConv2d;
sparseKernels[OperatorCode.fullyConnected] = sparseFullyConnected;
Object.freeze(sparseKernels);

/** Runs one operator with the kernel its record names. */
export function runOperator(model: Model, at: number): void {
  const { words } = model;
  const set = words[at + Operator.kernels];
  if (set === Kernels.pointwise) pointwise(model, at);
  else (set === Kernels.lanes ? lanesKernels : set === Kernels.sparse ? sparseKernels : kernels)[words[at + Operator.code]](model, at);
}
