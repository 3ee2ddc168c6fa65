import * as assert from 'uvu/assert';
import { FlintError } from '../../src/error';

/** What is said to the user when this is refused. */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.instance(error, FlintError);
    return (error as FlintError).message;
  }
  return 'it was not refused';
}
