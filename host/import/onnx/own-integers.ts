import { parseOnnx } from './read';

/** Operators of models that bring integers. */
const OF_INTEGERS = /^(De)?QuantizeLinear$|^QLinear|^QGemm$|Integer$/;

/** Whether a model brings its own integers, as ONNX Runtime's quantizer writes them (QDQ, QOperator). */
export const isQuantized = (onnx: Uint8Array): boolean =>
  parseOnnx(onnx).graph!.node.some(({ opType }) => OF_INTEGERS.test(opType));
