/// <reference types="node" />
/** Tests that need the XS engine. */
import { NoCompilerError, buildXS } from '../../host/xs/build';
import { testIf } from './skip';

/** Why the engine cannot be built here; empty when it can. */
export const xsMissing = await buildXS().then(
  () => '',
  (error: Error) => {
    if (error instanceof NoCompilerError) return error.message;
    throw error;
  },
);

/** `test`, where the XS engine is there; else a skipped test. */
export const testOnXS = testIf(!xsMissing, xsMissing);
