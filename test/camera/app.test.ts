/// <reference types="node" />
/** The camera app as it is, on XS, with the camera that plays the samples of models/fashion. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runXS } from '../../host/xs/run';
import { testOnXS } from '../support/xs';

const device = 'models/fashion/device',
  fashion = Object.fromEntries(readdirSync(device).map((name) => [name, join(device, name)])),
  labels = readFileSync('models/fashion/labels.txt', 'utf8').trim().split('\n'),
  classes = Array.from({ length: 10 }, (_, i) => labels[readFileSync(join(device, `sample${i}.image`))[5]]);

/** Milliseconds that the camera shows each picture. */
const PICTURE = 2000;

interface Run {
  options?: Record<string, unknown>;
  events?: (number | 'press')[];
  resources?: Record<string, string>;
  interpreted?: boolean;
}

/** What the app says, a line each. */
async function saidBy({
  options = {},
  events = [],
  resources = fashion,
  interpreted,
}: Run): Promise<string[]> {
  const { code, stdout, stderr } = await runXS(readFileSync('dist/xs/camera.js', 'utf8'), {
    resources,
    interpreted,
    preload: 'dist/xs/library.js',
    ram: 1 << 20,
    stack: 640,
    args: [JSON.stringify(options), ...events.map(String)],
  });
  if (!code) assert.is(stderr, '');
  return [...stdout.trim().split('\n'), `code ${code}`];
}

/** Labels in the order in which they were printed, without repeats. */
function seen(lines: string[]): string[] {
  const found = lines.flatMap((line) => /^(.+) \d\.\d\d, .* ms$/.exec(line)?.[1] ?? []);
  return found.filter((label, i) => label !== found[i - 1]);
}

for (const interpreted of [false, true])
  testOnXS(`each picture is named, kernels ${interpreted ? 'interpreted' : 'compiled'}`, async () => {
    const lines = await saidBy({ events: [10 * PICTURE], interpreted });
    const kernels = interpreted ? 'interpreted' : 'compiled',
      where = "the app's own resources";
    assert.ok(lines.includes(`frames of 160 x 120, kernels ${kernels}, model in ${where}`));
    assert.equal(seen(lines), classes);
    assert.ok(
      lines.some((line) => line.endsWith(', 10.0 frames/s, 34.0 ms')),
      lines.join('\n'),
    );
    assert.is(lines.pop(), 'code 0');
  });

for (const [name, imageType] of Object.entries({ gray: 3, 'RGB565 big-endian': 8, RGB888: 9, YUV422: 20 }))
  testOnXS(`the same from frames in ${name}`, async () => {
    assert.equal(seen(await saidBy({ options: { imageType }, events: [3 * PICTURE] })), classes.slice(0, 3));
  });

testOnXS('frames that cannot be read are refused at the start, by name', async () => {
  const lines = await saidBy({ options: { imageType: 15 }, events: [PICTURE] });
  assert.match(lines[1], /^FlintError: frames of image type 15 cannot be read/);
  assert.is.not(lines.pop(), 'code 0');
});

testOnXS('a frame that the model cannot take ends the app with what is wrong, said once', async () => {
  const lines = await saidBy({ options: { imageType: 20, frameWidth: 161 }, events: [PICTURE] });
  assert.is(lines.filter((line) => /^FlintError: .* even number of columns, not 161/.test(line)).length, 1);
  assert.is.not(lines.pop(), 'code 0');
});

for (const display of [7, 8])
  testOnXS(`a display of format ${display} shows the frame, the answer, and how fast it came`, async () => {
    const lines = await saidBy({ options: { display }, events: [PICTURE] });
    assert.ok(lines.includes('text: waiting for the camera'));
    // 48 of 160 rows are text's: the frame's middle 112 stand in the middle of 200 columns.
    assert.is(
      lines.filter((line) => line === 'frame: 160 x 120, at 20 0 0 4 160 112, within 20 0 160 112').length,
      20,
    );
    assert.ok(lines.includes(`text: ${classes[0]} 0.99`), lines.join('\n'));
    assert.is(lines.filter((line) => line === 'text: 10.0 frames/s, 34.0 ms').length, 18);
  });

testOnXS('a press freezes what is seen, while the model runs, too; another one goes on', async () => {
  const lines = await saidBy({ events: [PICTURE, 'press', 5 * PICTURE, 'press', PICTURE] }),
    first = lines.indexOf('- press'),
    second = lines.lastIndexOf('- press');
  assert.equal(seen(lines.slice(0, first)), [classes[0]]);
  assert.equal(lines.slice(first + 1, second), [`- ${5 * PICTURE}`, `${classes[0]} 0.99, frozen, 34.0 ms`]);
  assert.equal(seen(lines.slice(second)), [classes[0], classes[6]]);
});

testOnXS('a touch, however long, is one press', async () => {
  const lines = await saidBy({
      options: { touch: true },
      events: [PICTURE, 'press', 3 * PICTURE, 'press', PICTURE / 2],
    }),
    frozen = lines.filter((line) => line.includes('frozen'));
  assert.equal(frozen, [`${classes[0]} 0.99, frozen, 34.0 ms`]);
  assert.equal(seen(lines), [classes[0], classes[4]]);
});

testOnXS('without pictures the camera that plays them says what to do', async () => {
  const lines = await saidBy({ resources: { 'model.flint': fashion['model.flint'] } });
  assert.match(
    lines.join('\n'),
    /there are no pictures to play: pack the model with "samples" in its model.json/,
  );
  assert.is.not(lines.pop(), 'code 0');
});

test.run();
