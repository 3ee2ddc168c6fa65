import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { load } from '../../src/model';
import { allocatesNothing } from '../support/allocation';
import { smallModel } from '../support/small-model';

test('an inference allocates nothing in either heap of XS', () => {
  assert.ok('Engine' in globalThis, 'the engine tells what it allocates');
  allocatesNothing(load(smallModel().buffer));
});

test.run();
