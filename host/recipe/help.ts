/** What --help says of options that several commands have, and how it fits the terminal. */
import type { Sade } from 'sade';
import { lineWidth, wrapped } from '../system/table';

/** Options that several commands have: how images are read, and how a model is made. */
export const shared: Record<string, string> = {
  'input-size':
    'Size of the input image, WIDTHxHEIGHT (default: none, raw tensors; alone, it takes the defaults of the next five)',
  color: 'gray, rgb or bgr (default rgb)',
  mean: 'Taken from pixels 0 to 255; a number or one per channel: 123,117,104 (default 0)',
  std: 'What pixels are divided by, likewise (default 255)',
  resize: 'bilinear or nearest (default bilinear)',
  fit: 'cover: the middle part of the right shape; stretch: all of the image (default cover)',
  calibration:
    'Folder, IDX or .npy file of calibration images; of more than 512 a sample is taken (default: none)',
  rounding:
    'double as TensorFlow Lite Micro; single as TFLite with XNNPACK and ONNX Runtime: compare outputs of these ' +
    'with a model packed so (default: double; single for QDQ models)',
  ram: 'RAM of the device for all that XS holds, in bytes or as 128k: a model that needs more is refused (default: no limit)',
  optimize: 'Weights that are mostly zero without their zeros: size, balance or speed (default balance)',
  'per-tensor': 'One scale for all weights of a layer (default: one for each channel)',
  activations: 'asymmetric, symmetric or power-of-two (default asymmetric)',
  calibrate: 'Ranges: min-max, moving-average, percentile, mse or entropy (default min-max)',
};

/** What narrows weights, and wins accuracy back. */
export const narrowing: Record<string, string> = {
  bits: 'Width of the weights, 2 to 8 (default 8)',
  asymmetric: 'Weights with zero points, for widths below 8 (default: without)',
  recover:
    'Accuracy, without training: auto tries what helps where int8 and float do not agree, none does not; or ' +
    'ways by name: gptq, mse, bias, equalize, sequential, or several with commas (default auto)',
  sparsity:
    'Share of the weights to set to zero, or of the channels to take out; depthwise layers are spared (default 0)',
  prune: 'weights or channels (default weights)',
  scope: 'layer: that share of each layer; global: of all together, more where less is lost (default layer)',
};

export const OUTPUT = 'File to write (default: device/model.flint in the folder, or beside the file)',
  JSON_OPTION = 'One JSON document on standard output (default: text)',
  LIMIT = 'Measure on the first so many images (default: all)',
  LABELS =
    "The images' classes, IDX or .npy, or a text file of the classes' names (default: as model.json says)";

/**
 * What is told of an option goes on below it, behind the column of names and four spaces on either side. sade
 * keeps options in a tree, of which its types do not tell.
 */
export function fitHelp(program: Sade): void {
  const { tree } = program as unknown as { tree: Record<string, { options: [string, string][] }> };
  for (const { options } of Object.values(tree)) {
    const column = 8 + Math.max(...options.map(([name]) => name.length), '-h, --help'.length),
      room = Math.max(20, lineWidth() - column);
    for (const option of options) option[1] = wrapped(option[1], room).join(`\n${' '.repeat(column)}`);
  }
}
