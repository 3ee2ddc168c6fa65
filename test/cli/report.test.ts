/// <reference types="node" />
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const work = mkdtempSync(join(tmpdir(), 'flint-report-')), output = join(work, 'report.html'), bench = join(work, 'bench.json');
const report = (...args: string[]): { status: number | null; stderr: string } =>
  spawnSync(process.execPath, ['dist/flint.js', 'report', ...args], { encoding: 'utf8' });
test.after(() => rmSync(work, { recursive: true, force: true }));

test('a report on the sample images, with instructions of a bench run', () => {
  writeFileSync(bench, JSON.stringify([{ engine: '-O2', ram: 98304, operators: [{ name: 'conv2d <first>', instructions: 1234567 }, { name: 'softmax last', instructions: 1 }] }]));
  const { status, stderr } = report('models/fashion', 'models/fashion/samples', '-o', output, '--bench', bench);
  assert.is(status, 0, stderr);
  assert.not.match(readFileSync(output, 'utf8'), /https?:\/\/(?!www\.w3\.org)/);
});

test('in a real browser, from disk: all there, nothing fetched, no error, no wider than its window', async () => {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
  if (!executablePath) return console.log('SKIPPED: the report in a browser: chromium is not installed');
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] }), problems: string[] = [], requests: string[] = [];
  try {
    const page = await browser.newPage({ viewport: { width: 1000, height: 800 } });
    page.on('console', (message) => problems.push(message.text()));
    page.on('pageerror', (error) => problems.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(`file://${output}`);
    assert.equal(requests.filter((url) => !url.startsWith('data:')), [`file://${output}`]);
    const titles = await page.locator('h2').allTextContents();
    assert.equal(titles, ['Accuracy', 'Confusion', 'Decisions that changed', 'Signal to quantization noise', 'Layers that hurt', 'Ranges', 'Memory plan', 'Flash', 'Multiply-adds', 'Instructions']);
    assert.match(await page.locator('section').first().innerText(), /int8, on the device\s+100\.00 %/);
    assert.match(await page.locator('section').last().innerText(), /conv2d <first>[^]*1\.2/);
    for (const box of await page.locator('svg').evaluateAll((list: { getBoundingClientRect(): { width: number; height: number; right: number } }[]) => list.map((svg) => { const { width, height, right } = svg.getBoundingClientRect(); return { width, height, right }; })))
      assert.ok(box.width > 100 && box.height > 50 && box.right <= 1000, JSON.stringify(box));
    assert.is(await page.locator('svg').count(), 1 + 1 + 12 + 4);
    assert.ok((await page.pdf()).length > 20000);
    assert.equal(problems, []);
  } finally {
    await browser.close();
  }
});

test('what cannot be reported is told, and nothing is written', () => {
  const never = join(work, 'never.html');
  for (const [args, pattern] of [[['models/fashion', 'models/nowhere'], /nowhere/], [['models/fashion', 'models/fashion/samples', '--bench', 'package.json'], /package\.json: not what npm run bench/]] as [string[], RegExp][]) {
    const { status, stderr } = report(...args, '-o', never);
    assert.is(status, 1);
    assert.match(stderr, pattern);
    assert.not.ok(existsSync(never));
  }
});

test.run();
