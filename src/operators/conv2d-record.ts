import { Requantization } from './requantize';
import { Window } from './window';

/** Taps are numbered (ky, kx, input channel), the channel fastest. */
export const enum Conv2d {
  window = Requantization.words,
  weights = window + Window.words, // offset; see CONV_TILE
  bits, // of a weight: 8, 4 or 2; narrow ones lie side by side, the first in the lowest bits
  // offset of int8 per output channel: its weights are what is stored minus this; 0: they are what is stored
  zeroPoints,
  stripRows, // output rows computed from one padded strip of the input in scratch; 0: no padding, no strip
  words,
}
