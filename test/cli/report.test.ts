/// <reference types="node" />
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { OnnxBuilder } from '../support/onnx-builder';
import { over, pair, weightConstants } from '../support/qdq-builder';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';
import { fails, flint, succeeds } from './command';

const work = temporaryFolder();
const output = join(work, 'report.html');
const images = ['models/fashion', 'models/fashion/samples'];

const browsers = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const executablePath = browsers.find((path) => existsSync(path));
const testInBrowser = testIf(executablePath, 'chromium is not installed');

test('one page with all it shows, and the instructions that a bench counted', () => {
  const bench = join(work, 'bench.json');
  const operators = [
    { name: 'conv2d <first>', instructions: 1234567 },
    { name: 'softmax last', instructions: 1 },
  ];
  writeFileSync(bench, JSON.stringify([{ engine: '-O2', ram: 98304, operators }]));
  assert.is(succeeds(['report', ...images, '-o', output, '--bench', bench]), `  written to   ${output}\n`);
  // Names of XML namespaces look like addresses and are none.
  assert.not.match(readFileSync(output, 'utf8'), /https?:\/\/(?!www\.w3\.org)/);
});

/** Opens the page from disk, and finds that it fetches nothing and that nothing goes wrong in it. */
async function inBrowser(look: (page: Page) => Promise<void>): Promise<void> {
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] });
  const problems: string[] = [];
  const requests: string[] = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`file://${output}`);
    await look(page);
    assert.equal(
      requests.filter((url) => !url.startsWith('data:')),
      [`file://${output}`],
    );
    assert.equal(problems, []);
  } finally {
    await browser.close();
  }
}

const titles = [
  'Accuracy',
  'Confusion',
  'Decisions that changed',
  'Signal to quantization noise',
  'Layers that hurt',
  'Ranges',
  'Memory plan',
  'Flash',
  'Multiply-adds',
  'Instructions',
];

testInBrowser('in a browser every section and chart is there, and no chart is wider than the window', () =>
  inBrowser(async (page) => {
    assert.equal(await page.locator('h2').allTextContents(), titles);
    assert.match(await page.locator('section').first().innerText(), /int8, on the device\s+100\.00 %/);
    assert.match(await page.locator('section').last().innerText(), /conv2d <first>[^]*1\.2/);
    // A chart for each of 12 layers, and one in each of six sections.
    const charts = await page.locator('svg:visible').all();
    assert.is(charts.length, 12 + 6);
    for (const chart of charts) {
      const { x, width, height } = (await chart.boundingBox())!;
      assert.ok(width > 100 && height > 50 && x + width <= 1000, `at ${x}: ${width} x ${height}`);
    }
    assert.ok((await page.pdf()).length > 20000);
  }),
);

testInBrowser('on a phone nothing is cut, and the page says what it is about', () =>
  inBrowser(async (page) => {
    await page.setViewportSize({ width: 390, height: 800 });
    const across = await page.evaluate('document.documentElement.scrollWidth');
    assert.is(across, 390);
    for (const part of await page.locator('svg:visible, table, img').all()) {
      const { x, width } = (await part.boundingBox())!;
      assert.ok(x >= 0 && x + width <= 390, `at ${x}: ${width} wide`);
    }
    assert.match(await page.locator('h1').innerText(), /^fashion: /);
    const [date, sentence] = await page.locator('p.lead').allInnerTexts();
    assert.match(date, /^\d{4}-\d\d-\d\d, flint \d.* bits 8, .* double rounding\./);
    assert.match(
      sentence,
      /^int8 is right on 100\.00 % of 10 images, float on 100\.00 %: .* 26,308 bytes of flash/,
    );
  }),
);

test('a packed file is reported with the float model that it was made from', () => {
  const page = join(work, 'file.html');
  const file = 'models/fashion/device/model.flint';
  const line = ['report', file, 'models/fashion/samples', '-o', page];
  succeeds([...line, '--float', 'models/fashion/fashion.onnx']);
  const html = readFileSync(page, 'utf8');
  for (const title of ['Layers that hurt', 'Memory plan', 'Confusion'])
    assert.ok(html.includes(`<h2>${title}</h2>`), title);
  succeeds(line);
  assert.not.match(readFileSync(page, 'utf8'), /Layers that hurt/);
  fails([...line, '--bits', '4'], /--bits has no effect on a \.flint file/);
});

test('models that bring integers are reported beside ONNX Runtime', () => {
  const b = new OnnxBuilder([1, 1, 28, 28]);
  const [q, sums] = [over('UINT8', 0, 1), over('UINT8', -8, 8)];
  const x = [b.node('QuantizeLinear', ['x', ...pair(b, q)]), ...pair(b, q)];
  const weights = weightConstants(b, [10, 1, 28, 28], { type: 'INT8', axis: 0 }, 784);
  const y = b.node('QLinearConv', [...x, ...weights, ...pair(b, sums)]);
  const net = join(work, 'integers.onnx');
  writeFileSync(net, b.finish(b.node('Flatten', [b.node('DequantizeLinear', [y, ...pair(b, sums)])])));
  const page = join(work, 'integers.html');
  const image = ['--input-size', '28x28', '--color', 'gray', '--labels', 'models/fashion/labels.txt'];
  succeeds(['report', net, 'models/fashion/samples', '-o', page, ...image]);
  const html = readFileSync(page, 'utf8');
  assert.match(html, /ONNX Runtime on [\d.]+ %: the device costs -?[\d.]+ points/);
  assert.ok(html.includes('<h2>Signal to quantization noise</h2>'));
  const other = ['report', 'models/fashion/device/model.flint', 'models/fashion/samples', '-o', page];
  fails([...other, '--float', net], /integers\.onnx: it has none of the tensors of .*model\.flint/);
});

test('changed decisions are marked as won or lost', () => {
  const page = join(work, 'changed.html');
  const labelled = 'models/fashion/calibration/images.idx3-ubyte';
  const labels = 'models/fashion/calibration/labels.idx1-ubyte';
  const narrow = ['--bits', '2', '--recover', 'none'];
  succeeds(['report', 'models/fashion', labelled, '--labels', labels, '-o', page, ...narrow]);
  const html = readFileSync(page, 'utf8');
  assert.match(html, /<b class="lost">lost<\/b>/);
  assert.match(html, /int2 weights, on the device/);
});

test('what cannot be reported is told, and nothing is written', () => {
  const never = join(work, 'never.html');
  fails(['report', 'models/fashion', 'nowhere', '-o', never], /nowhere: /);
  fails(
    ['report', ...images, '--bench', 'package.json', '-o', never],
    /package\.json: not what npm run bench -- --json prints/,
  );
  assert.not(existsSync(never));
});

test('a file does not tell how it was equalized through ReLU6: that is said, and the model shows it', () => {
  const b = new OnnxBuilder([1, 1, 28, 28]),
    reach = (c: number): number => 3 ** (c - 7),
    [inner, outer] = [72, 80].map((n) => Array.from({ length: n }, (_, i) => Math.sin(7 * i + 1))),
    weights = b.floats(
      [8, 1, 3, 3],
      inner.map((w, i) => w * reach(Math.floor(i / 9))),
    ),
    clipped = b.node('Clip', [b.node('Conv', ['x', weights]), b.float(0), b.float(6)]),
    pooled = b.node('Flatten', [b.node('GlobalAveragePool', [clipped])]),
    scores = b.floats(
      [8, 10],
      outer.map((w, i) => w / reach(Math.floor(i / 10))),
    ),
    model = join(work, 'six.onnx'),
    file = join(work, 'six.flint'),
    recipe = [
      '--recover',
      'equalize',
      '--input-size',
      '28x28',
      '--color',
      'gray',
      '--calibration',
      images[1],
    ];
  writeFileSync(model, b.finish(b.node('Gemm', [pooled, scores])));
  succeeds(['pack', model, '-o', file, ...recipe]);
  const said = (...line: string[]): string => flint(['report', ...line, '-o', output]).stderr,
    doubt = /its layers with ReLU6 are better than shown here/;
  assert.match(said(file, images[1], '--float', model), doubt);
  assert.not.match(said(model, images[1], ...recipe), doubt);
});

test.run();
