/// <reference types="node" />
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { temporaryFolder } from '../system/folder';

/** What only a device has, and what apps import by the names that their manifests give. */
const library = ['image', 'model', 'profile', 'receive', 'say', 'store'].map((name) => `flint/${name}`),
  ofCamera = ['commodetto/.*', 'embedded:io/image/in/camera', 'camera/(formats|picture)'],
  ofDevice = ['Resource', 'crypt', 'http', 'instrumentation', 'mc/config', 'modules', 'time', 'timer'],
  fromDevice = [...ofDevice, ...library, ...ofCamera];

const forbidden: IForbiddenRuleType[] = [
  { name: 'a circle', from: {}, to: { circular: true } },
  {
    name: 'the device needs what it has not',
    from: { path: '^src/' },
    to: { pathNot: `^(src/.*|${fromDevice.join('|')})$` },
  },
  { name: 'the packer needs its tests', from: { path: '^host/' }, to: { path: '^test/' } },
];

/** Follows the imports of src and host, those of types among them. */
async function follow(baseDir: string): Promise<ICruiseResult> {
  const ruleSet = { forbidden };
  const { output } = await cruise(['src', 'host'], {
    ...{ baseDir, ruleSet, validate: true, tsPreCompilationDeps: true },
    doNotFollow: { path: 'node_modules' },
  });
  return output as ICruiseResult;
}

/** Each violation in one line: the rule, and the files. */
const violations = ({ summary }: ICruiseResult): string[] =>
  summary.violations.map(({ rule, from, to, cycle }) => {
    const files = cycle?.length ? [from, ...cycle.map(({ name }) => name)] : [from, to];
    return `${rule.name}: ${files.join(' -> ')}`;
  });

test('no imports go in a circle, the device stands alone, and nothing needs the tests', async () => {
  const result = await follow(process.cwd());
  const seen = result.modules.map(({ source }) => source);
  for (const file of ['src/model.ts', 'host/cli.ts', 'host/index.ts', 'host/quantize/worker.ts'])
    assert.ok(seen.includes(file), `${file} was not looked at`);
  assert.is(violations(result).join('\n'), '');
});

test('a circle of types, and a wrong way, would be found', async () => {
  const folder = temporaryFolder();
  const write = (path: string, text: string): void => writeFileSync(join(folder, path), text);
  for (const name of ['src', 'host', 'test']) mkdirSync(join(folder, name));
  write(
    'host/a.ts',
    "import type { B } from './b';\nimport { t } from '../test/t';\nexport type A = B & typeof t;\n",
  );
  write('host/b.ts', "import type { A } from './a';\nexport type B = A;\n");
  write('test/t.ts', 'export const t = 1;\n');
  write(
    'src/m.ts',
    "import { readFileSync } from 'node:fs';\nexport * from '../host/b';\nexport { readFileSync };\n",
  );
  const found = violations(await follow(folder));
  assert.equal(found.sort(), [
    'a circle: host/a.ts -> host/b.ts -> host/a.ts',
    'the device needs what it has not: src/m.ts -> fs',
    'the device needs what it has not: src/m.ts -> host/b.ts',
    'the packer needs its tests: host/a.ts -> test/t.ts',
  ]);
});

test.run();
