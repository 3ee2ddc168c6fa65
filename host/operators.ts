/** Every operator of the packer. */
import type { IntGraph, IntParameters, Kind, Node } from './graph';
import { activation } from './operators/activation';
import { add } from './operators/add';
import { affine } from './operators/affine';
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
import type { AnyOperator, ScaleRule } from './operators/operator';
import { pad } from './operators/pad';
import { prelu } from './operators/prelu';
import { reshape } from './operators/reshape';
import { resizeBilinear } from './operators/resize-bilinear';
import { resizeNearest } from './operators/resize-nearest';
import { slice } from './operators/slice';
import { softmax } from './operators/softmax';
import { transpose } from './operators/transpose';

/** In the order in which documentation lists them. */
export const operators: readonly AnyOperator[] = [
  conv2d,
  depthwiseConv2d,
  fullyConnected,
  maxPool2d,
  averagePool2d,
  mean,
  add,
  multiply,
  maximum,
  prelu,
  lookup,
  softmax,
  logSoftmax,
  concatenation,
  pad,
  transpose,
  slice,
  resizeNearest,
  resizeBilinear,
  constant,
  reshape,
  affine,
  activation,
];

const byKind = new Map<Kind, AnyOperator>(operators.map((operator) => [operator.kind, operator]));

/** What is known of a node's kind. */
export const operatorOf = (node: { op: Kind }): AnyOperator => byKind.get(node.op)!;

/** The scale that a node's output has. */
export const scaleRule = (node: Node<unknown>): ScaleRule => operatorOf(node).scale(node as never);

/** Steps of one run of a node, as the device counts them. */
export const workOf = (node: Node<IntParameters>, tensors: IntGraph['tensors']): number =>
  operatorOf(node).work?.(node as never, tensors) ?? 0;
