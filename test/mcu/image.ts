/// <reference types="node" />
/** Preprocessing on XS on the emulated RV32IMC core: a camera's frame into a model's input. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from '../../src/checksum';
import { writeImage } from '../../src/image';
import type { Engine } from '../../src/model';
import { packageRoot } from '../../host/system/version';
import type { Opt } from './cores';
import { colors, Frame, frame, recipe } from './frame';
import { runMcu } from './run';

export interface ImageMeasurement {
  /** The input's. */
  color: string;
  engine: Engine;
  opt: Opt;
  instructions: number;
  correct: boolean;
}

const root = packageRoot();

/** The frame into each kind of input. */
export async function measureImages(opt: Opt, engine: Engine): Promise<ImageMeasurement[]> {
  const script = readFileSync(join(root, 'dist/xs/image.js'), 'utf8'),
    preload = join(root, 'dist/xs/library.js');
  const { code, stdout } = await runMcu(script, { preload, opt, interpreted: engine === 'interpreted' });
  if (code !== 0) throw new Error(`writeImage on XS, ${engine}: ${stdout.trim()}`);
  const lines = stdout.trim().split('\n');
  return colors.map(({ name, color, channels }, i) => {
    const input = new Int8Array(Frame.side * Frame.side * channels),
      { instructions, crc } = JSON.parse(lines[i]) as { instructions: number; crc: number };
    writeImage({ recipe: recipe(color), inputs: [input] }, frame(), Frame.width, Frame.height, Frame.format);
    return { color: name, engine, opt, instructions, correct: crc === crc32(input, 0, input.length) };
  });
}
