/// <reference types="node" />
/** npm run bench:naive: the scalar kernels against naive loops, on XS. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '../../host/system/version';
import { runXS } from '../../host/xs/run';

const script = readFileSync(join(packageRoot(), 'dist/xs/naive.js'), 'utf8');
const { code } = await runXS(script, { stack: 4096, onLine: (line) => console.log(line) });
process.exitCode = code;
