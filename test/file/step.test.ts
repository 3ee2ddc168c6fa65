import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Header } from '../../src/format';
import { load, run, step, writeGoldenInput, type Model } from '../../src/model';
import { smallModel } from '../support/small-model';

const loaded = (): Model => {
  const model = load(smallModel().buffer);
  writeGoldenInput(model);
  return model;
};

test('steps give what a run gives, and the last one says that none is to come', () => {
  const whole = loaded(),
    stepped = loaded(),
    more: boolean[] = [];
  run(whole);
  do more.push(step(stepped));
  while (more[more.length - 1]);
  assert.is(more.length, whole.words[Header.operatorCount]);
  assert.ok(more.length > 1);
  assert.equal(stepped.outputs, whole.outputs);
});

test('the step behind the last one is the first again', () => {
  const model = loaded();
  while (step(model));
  const first = [...model.outputs[0]];
  writeGoldenInput(model);
  while (step(model));
  assert.equal([...model.outputs[0]], first);
});

test('a run begins at the first operator, wherever steps have stopped', () => {
  const model = loaded(),
    whole = loaded();
  step(model);
  writeGoldenInput(model);
  run(model);
  run(whole);
  assert.equal(model.outputs, whole.outputs);
  assert.is(model.next, 0);
});

test.run();
