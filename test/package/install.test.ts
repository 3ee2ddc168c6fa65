/// <reference types="node" />
/** What a user does: an empty folder, npm install, and Flint as a command, from JavaScript and from TypeScript. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test as anyTest } from 'uvu';
import * as assert from 'uvu/assert';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';
import { packInto, registryAnswers, runIn } from './npm';

const test = testIf(registryAnswers(), 'the npm registry does not answer');
const work = temporaryFolder();
const folder = join(work, 'mine');
const run = (program: string, ...args: string[]): string => runIn(folder, program, ...args);

test('it installs into an empty folder', () => {
  mkdirSync(folder);
  run('npm', 'init', '-y');
  run('npm', 'install', packInto(work), '--no-audit', '--no-fund');
});

test('JavaScript packs a model, loads it and classifies an image', () => {
  cpSync('models/fashion', join(folder, 'fashion'), { recursive: true });
  const script = `
    import { readFileSync } from 'node:fs';
    import { PixelFormat, load, pack, readRecipe, run, selfTest, topK, writeImage } from 'flint-xs';
    const packed = await pack(readRecipe('fashion'));
    const model = load(packed.file.buffer);
    selfTest(model);
    const sample = readFileSync('fashion/device/sample9.image');
    writeImage(model, sample.subarray(8), 28, 28, PixelFormat.gray);
    run(model);
    const { file, operators, check, ...rest } = packed;
    console.log(JSON.stringify({
      ...rest,
      alike: check.agreement.alike,
      bad: check.bad,
      gray: PixelFormat.gray,
      bytes: file.length,
      first: operators[0],
      macs: operators.reduce((sum, { macs }) => sum + macs, 0),
      label: topK(model, 1)[0].label,
    }));
  `;
  writeFileSync(join(folder, 'use.mjs'), script);
  const said = JSON.parse(run('node', 'use.mjs')) as Record<string, number>;
  const { arenaBytes, ramBytes, bytes, ...rest } = said;
  assert.ok(0 < arenaBytes && arenaBytes < ramBytes && bytes > 0);
  assert.equal(rest, {
    calibration: { images: 200 },
    remarks: [],
    alike: 32,
    bad: false,
    gray: 0,
    first: {
      operator: 'conv2d',
      name: '/stem/conv/Conv',
      macs: 28224,
      parameterBytes: 400,
      scratchBytes: 270,
    },
    macs: 641760,
    label: 'Ankle boot',
  });
});

const consumer = `
  import { PixelFormat, load, pack, readRecipe, topK, writeImage, type PackedModel, type Recipe } from 'flint-xs';
  const recipe: Recipe = { ...readRecipe('fashion'), optimize: 'size' };
  const packed: PackedModel = await pack(recipe);
  const macs: number[] = packed.operators.map((operator) => operator.macs);
  const model = load(packed.file.buffer);
  writeImage(model, new Uint8Array(28 * 28), 28, 28, PixelFormat.gray);
  const label: string = topK(model, 1)[0].label;
  // @ts-expect-error there is no such aim
  const wrong: Recipe = { ...recipe, optimize: 'ram' };
  export { macs, label, wrong };
`;
for (const [resolution, module] of Object.entries({ nodenext: 'nodenext', bundler: 'esnext' }))
  test(`types are found and right for moduleResolution ${resolution}`, () => {
    writeFileSync(join(folder, 'consumer.mts'), consumer);
    const compilerOptions = {
      ...{ module, moduleResolution: resolution, target: 'es2022', lib: ['es2022'], types: [] },
      ...{ noEmit: true, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false },
    };
    writeFileSync(
      join(folder, 'tsconfig.json'),
      JSON.stringify({ compilerOptions, files: ['consumer.mts'] }),
    );
    run('node', resolve('node_modules/typescript/bin/tsc'), '--project', 'tsconfig.json');
  });

test('npx runs the command', () => {
  assert.match(run('npx', 'flint', '--version'), /^flint, \d+\.\d+\.\d+\n$/);
  const image = ['--input-size', '28x28', '--color', 'gray', '--calibration', 'fashion/samples'];
  run('npx', 'flint', 'pack', 'fashion/fashion.onnx', ...image, '-o', 'own.flint');
  assert.match(run('npx', 'flint', 'validate', 'own.flint'), /golden test passed/);
});

anyTest.run();
