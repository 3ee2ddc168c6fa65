/** Every test of device code, as one script for the XS engine. */
import '../kernels.test';
import '../reader.test';
import '../image.test';
import '../lanes.test';
import './allocation.test';
import { runAll } from './uvu';

declare const exit: (code: number) => void;

if (!runAll((line) => trace(line + '\n'))) exit(1);
