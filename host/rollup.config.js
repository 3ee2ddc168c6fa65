// Builds dist/: the flint command and library, the device code as one script for the XS engine, and the tests.
import { readdirSync } from 'node:fs';
import { builtinModules } from 'node:module';
import typescript from '@rollup/plugin-typescript';

const { dependencies } = JSON.parse((await import('node:fs')).readFileSync('package.json', 'utf8'));
const external = (id) =>
  id.startsWith('node:') || builtinModules.includes(id) || id.startsWith('uvu') ||
  Object.keys(dependencies).some((name) => id === name || id.startsWith(name + '/'));

const tests = readdirSync('test').filter((name) => name.endsWith('.test.ts'));

export default [
  {
    input: {
      flint: 'host/cli.ts',
      index: 'host/index.ts',
      ...Object.fromEntries(tests.map((name) => [`test/${name.slice(0, -3)}`, `test/${name}`])),
    },
    output: { dir: 'dist', format: 'es', chunkFileNames: 'chunks/[name].js', sourcemap: true },
    external,
    plugins: [typescript({ outputToFilesystem: false })],
  },
];
