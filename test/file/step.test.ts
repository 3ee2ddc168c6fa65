import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Header } from '../../src/format';
import { FlintError, load, run, runOperator, step, writeGoldenInput, type Model } from '../../src/model';
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

test('an operator that the model does not have is not run', () => {
  const model = loaded();
  for (const index of [-1, model.words[Header.operatorCount], 2 ** 32, 0.5, NaN])
    assert.throws(
      () => runOperator(model, index),
      (error: Error) => error instanceof FlintError && /has no operator/.test(error.message),
    );
});

test.run();
