import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nearest } from '../../host/recipe/nearest';

const known = ['width', 'height', 'color', 'perTensor'];

test('a slip of the pen, another spelling, case and hyphens still name the word', () => {
  assert.is(nearest('hieght', known), 'height');
  assert.is(nearest('jsno', ['top', 'json']), 'json');
  assert.is(nearest('colour', known), 'color');
  assert.is(nearest('bit', ['fit', 'bits']), 'bits');
  assert.is(nearest('WIDTH', known), 'width');
  assert.is(nearest('per-tensor', known), 'perTensor');
});

test('another word is not taken for a known one', () => {
  assert.is(nearest('depth', known), undefined);
  assert.is(nearest('x', known), undefined);
  assert.is(nearest('width', []), undefined);
});

test.run();
