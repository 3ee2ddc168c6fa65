import type { IntGraph } from '../../host/graph';
import { packGraph } from '../../host/file/pack-graph';
import { Color, Fit, Resize } from '../../src/format';
import { load, type Model } from '../../src/model';

/** A model that takes images and returns them. */
export function imageModel(
  width: number,
  height: number,
  color: number,
  resize: number = Resize.bilinear,
  fit: number = Fit.cover,
  scale = 65536,
  offset = -128 * 65536,
): Model {
  const tensor = {
    shape: [1, height, width, color === Color.gray ? 1 : 3],
    quantization: { scale: 1, zeroPoint: 0 },
    source: '',
  };
  const window = { kernel: [1, 1], stride: [1, 1], dilation: [1, 1], pads: [0, 0, 0, 0] } as never;
  const graph: IntGraph = {
    name: 'image',
    inputs: ['x'],
    outputs: ['y'],
    tensors: new Map([
      ['x', tensor],
      ['y', tensor],
    ]),
    nodes: [{ op: 'maxPool2d', name: 'copy', inputs: ['x'], output: 'y', window, activation: 'none' }],
  };
  return load(
    packGraph(graph, {
      preprocessing: [width, height, color, resize, fit, scale, scale, scale, offset, offset, offset],
    }).file.buffer,
  );
}

/** What its input holds, as 0 to 255. */
export const pixelsOf = (model: Model): number[] => [...model.inputs[0]].map((q) => q + 128);
