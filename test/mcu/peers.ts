/** C++ on the same core: measured once, by hand, and kept here. */

/** Millions of instructions per inference, -O2, batch of one, the same models. */
export interface Peer {
  /** TensorFlow Lite Micro with its reference kernels. */
  tflm: number;
  /** The same with ESP-NN's optimized C. */
  espNN: number;
}

/** By the name of the model's folder. */
export const peers: Record<string, Peer | undefined> = {
  pretrainedResnet_quant: { tflm: 125.5, espNN: 96.4 },
  kws_ref_model: { tflm: 44.3, espNN: 25.8 },
  person_detect: { tflm: 105.2, espNN: 58.7 },
};
