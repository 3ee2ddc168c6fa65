import type { FloatGraph } from '../graph';
import { mergePairs } from './rewrite';

/**
 * Zero padding around an image goes into the window of the convolution behind it.
 *
 * Not into pooling, whose windows do not count padding; nor when other values, channels or readers are
 * concerned.
 */
export function foldPad(graph: FloatGraph): FloatGraph {
  return mergePairs(graph, (pad, conv) => {
    if (pad.op !== 'pad' || pad.value !== 0 || (conv.op !== 'conv2d' && conv.op !== 'depthwiseConv2d'))
      return undefined;
    const { before, after } = pad,
      { pads } = conv.window;
    if (before.length !== 4 || before[0] || before[3] || after[0] || after[3]) return undefined;
    const sum: typeof pads = [
      pads[0] + before[1],
      pads[1] + before[2],
      pads[2] + after[1],
      pads[3] + after[2],
    ];
    return { ...conv, inputs: pad.inputs, window: { ...conv.window, pads: sum } };
  });
}
