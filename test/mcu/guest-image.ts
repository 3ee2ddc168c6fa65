/** What the bench runs on the emulated core to count writeImage; no model is needed. */
import { crc32 } from '../../src/checksum';
import { writeImage } from '../../src/image';
import { colors, Frame, frame, recipe } from './frame';

declare const Engine: { instructions(): number };

const pixels = frame();
for (let i = 0; i < colors.length; i++) {
  const { color, channels } = colors[i],
    input = new Int8Array(Frame.side * Frame.side * channels),
    target = { recipe: recipe(color), inputs: [input] };
  const before = Engine.instructions();
  writeImage(target, pixels, Frame.width, Frame.height, Frame.format);
  const after = Engine.instructions();
  trace(JSON.stringify({ instructions: after - before, crc: crc32(input, 0, input.length) }) + '\n');
}
