import type { Model } from './model';
import { OperatorCode } from './format';
import { add } from './kernels/add';
import { concatenation } from './kernels/concatenation';
import { conv2d } from './kernels/conv2d';
import { depthwiseConv2d } from './kernels/depthwise-conv2d';
import { fullyConnected } from './kernels/fully-connected';
import { pad } from './kernels/pad';
import { averagePool2d, maxPool2d } from './kernels/pool2d';
import { softmax } from './kernels/softmax';

/** Runs the operator whose record begins at word `at`. */
export type Kernel = (model: Model, at: number) => void;

/** The scalar kernels by operator code. */
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
