import * as assert from 'uvu/assert';
import { FlintError } from '../../src/error';

/** Does what must be refused. @returns what people are told */
export function refusal(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.instance(error, FlintError, (error as Error).stack);
    return (error as Error).message;
  }
  return assert.unreachable('it was not refused') as never;
}
