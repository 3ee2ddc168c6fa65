/// <reference types="node" />
/** npm run bench:naive: the scalar kernels against naive loops, on XS. */
import { join } from 'node:path';
import { repository } from '../host/engine/build';
import { runXS } from '../host/engine/run';

const { code } = await runXS(join(repository(), 'dist/xs/naive.js'), { stack: 4096, onLine: (line) => console.log(line) });
process.exitCode = code;
