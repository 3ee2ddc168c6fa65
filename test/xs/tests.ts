/** Every test of device code, as one script for the XS engine. */
import '../operators/kernels.test';
import '../file/read.test';
import '../image/image.test';
import './allocation.test';
import { runAll } from './uvu';

declare const exit: (code: number) => void;

if (!runAll((line) => trace(line + '\n'))) exit(1);
