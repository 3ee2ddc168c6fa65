/// <reference types="node" />
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { chromium, type Page } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { testIf } from '../support/skip';
import { temporaryFolder } from '../system/folder';
import { fails, succeeds } from './command';

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
    const charts = await page.locator('svg').all();
    assert.is(charts.length, 12 + 6);
    for (const chart of charts) {
      const { x, width, height } = (await chart.boundingBox())!;
      assert.ok(width > 100 && height > 50 && x + width <= 1000, `at ${x}: ${width} x ${height}`);
    }
    assert.ok((await page.pdf()).length > 20000);
  }),
);

test('what cannot be reported is told, and nothing is written', () => {
  const never = join(work, 'never.html');
  fails(['report', 'models/fashion', 'nowhere', '-o', never], /nowhere: /);
  fails(
    ['report', ...images, '--bench', 'package.json', '-o', never],
    /package\.json: not what npm run bench -- --json prints/,
  );
  assert.not(existsSync(never));
});

test.run();
