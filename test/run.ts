/// <reference types="node" />
/**
 * npm test [-- TEXT]: runs every test file, or those whose path contains TEXT, and what concerns the device
 * on the XS engine too; as many at a time as there are cores. Closes with `N passed, N failed, N skipped`.
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../host/system/version';
import { runXS } from '../host/xs/run';
import { buildAddon } from './compiled/build-addon';
import { countsOf, type Counts, type Ended } from './support/counts';
import { xsMissing } from './support/xs';

process.chdir(packageRoot());
const folder = fileURLToPath(new URL('.', import.meta.url)),
  cache = mkdtempSync(join(tmpdir(), 'flint-cache-')),
  only = process.argv[2] ?? '';

/** Longer than any file takes, in milliseconds: one that hangs ends here, without uvu's closing lines. */
const MOST_TIME = 300_000;

/** With a C compiler every test runs the compiled kernels beside the interpreted ones, and compares. */
const addon = xsMissing ? undefined : buildAddon(),
  counts = join(cache, 'compared'),
  both = addon ? ['--import', join(folder, 'compiled/both.js')] : [];

const inNode = (path: string): Promise<Ended> =>
  new Promise((resolve) => {
    const env = {
        ...process.env,
        FLINT_CACHE: cache,
        FLINT_ADDON: addon,
        FLINT_COUNTS: counts,
        FORCE_COLOR: '0',
      },
      options = { env, timeout: MOST_TIME, maxBuffer: 1 << 26 };
    execFile(process.execPath, [...both, join(folder, path)], options, (error, stdout, stderr) =>
      resolve({ code: error ? 1 : 0, text: stdout + stderr }),
    );
  });

async function onXS(interpreted: boolean): Promise<Ended> {
  const script = readFileSync(join(folder, '../xs/tests.js'), 'utf8'),
    args = only ? [only] : [],
    { code, stdout, stderr } = await runXS(script, { ram: 1 << 27, stack: 16384, args, interpreted });
  return { code, text: stdout + stderr };
}

const sums: Counts = { passed: 0, failed: 0, skipped: 0 };

function report(name: string, ended: Ended, selected = false): void {
  const { passed, failed, skipped } = countsOf(ended, selected);
  sums.passed += passed;
  sums.failed += failed;
  sums.skipped += skipped;
  const rest = `${failed ? `, ${failed} failed` : ''}${skipped ? `, ${skipped} skipped` : ''}`;
  console.log(`${failed ? 'FAILED' : 'ok'.padEnd(6)} ${name}: ${passed} passed${rest}`);
  if (failed) console.log(ended.text);
  else for (const [line] of ended.text.matchAll(/^SKIPPED.*$/gm)) console.log(`       ${line}`);
}

/** Tests in xs/ are of what XS alone has: there they run, with all others of the device. */
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.js') && !path.startsWith('xs/') && path.includes(only))
    .sort(),
  jobs = files.map((path) => async () => report(path, await inNode(path)));
if (xsMissing) console.log(`SKIPPED: what concerns the device, on XS: ${xsMissing}`);
else
  for (const interpreted of [true, false]) {
    const name = `on XS, ${interpreted ? 'interpreted' : 'compiled'} kernels`;
    jobs.unshift(async () => report(name, await onXS(interpreted), only !== ''));
  }
if (xsMissing) sums.skipped++;

/** How often compiled and interpreted code were compared. @param text a line of JSON from each process */
function comparisons(text: string): string {
  const total: Record<string, number> = {};
  for (const line of text.trim().split('\n'))
    for (const [name, n] of Object.entries(JSON.parse(line) as Record<string, number>))
      total[name] = (total[name] ?? 0) + n;
  const sum = Object.values(total).reduce((a, n) => a + n, 0);
  return `compiled and interpreted code agreed ${sum.toLocaleString('en')} times: ${Object.entries(total)
    .map(([name, n]) => `${name} ${n}`)
    .join(', ')}`;
}

async function worker(): Promise<void> {
  for (let job = jobs.shift(); job; job = jobs.shift()) await job();
}
await Promise.all(Array.from({ length: availableParallelism() }, worker));
if (existsSync(counts)) console.log(comparisons(readFileSync(counts, 'utf8')));
rmSync(cache, { recursive: true });
console.log(`${sums.passed} passed, ${sums.failed} failed, ${sums.skipped} skipped`);
process.exitCode = sums.failed || !(sums.passed + sums.skipped) ? 1 : 0;
