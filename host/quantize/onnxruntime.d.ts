// onnxruntime-node 1.16 carries no types of its own; its interface is onnxruntime-common's.
declare module 'onnxruntime-node' {
  export { InferenceSession, Tensor } from 'onnxruntime-common';
}
