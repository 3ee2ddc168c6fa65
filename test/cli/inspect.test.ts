import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Description } from '../../host/file/describe';
import { succeeds } from './command';

const model = 'models/fashion';

test('a model is described for people', () => {
  const text = succeeds(['inspect', model]);
  assert.match(text, /^fashion: format 4, double rounding, [\d,]+ bytes of flash, /);
  assert.match(text, /^ +0 +conv2d \/stem\/conv\/Conv +1 x 28 x 28 x 1 +1 x 14 x 14 x 16 /m);
  assert.match(text, /image: 28 x 28 gray, cover, bilinear/);
  assert.match(text, /labels: T-shirt\/top, Trouser, /);
  assert.match(text, /self-test: yes\n$/);
});

test('and for programs', () => {
  const about = JSON.parse(succeeds(['inspect', model, '--json'])) as Description;
  assert.is(about.name, 'fashion');
  assert.is(about.operators.length, 12);
  assert.is(about.operators[0].name, 'conv2d /stem/conv/Conv');
  assert.is(about.ramBytes % 1024, 0);
  assert.ok(about.ramBytes > about.arenaBytes);
  assert.is(about.preprocessing?.width, 28);
  assert.is(about.labels[9], 'Ankle boot');
});

test.run();
