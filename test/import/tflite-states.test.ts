/** What a model keeps from run to run becomes inputs and outputs. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { packGraph } from '../../host/file/pack-graph';
import { importTflite } from '../../host/import/tflite/import';
import { load, run } from '../../src/model';
import { refusal } from '../support/refusal';
import { TfliteBuilder, type TensorSpec } from '../support/tflite-builder';

const int8 = (...shape: number[]): TensorSpec => ({ shape, scale: 0.5, zeroPoint: -3 });

/** A window over the last four rows, which slides by one; gives the largest of each column. */
function window(kept: TensorSpec = int8(1, 3, 2)): Uint8Array {
  const b = new TfliteBuilder(),
    x = b.tensor(int8(1, 1, 2)),
    handle = b.operator('VAR_HANDLE', [], b.tensor({ shape: [], type: 'resource' }), { sharedName: 'rows' }),
    rows = b.operator('READ_VARIABLE', [handle], b.tensor({ ...int8(1, 3, 2), name: 'kept' })),
    all = b.operator('CONCATENATION', [rows, x], b.tensor(int8(1, 4, 2)), { axis: 1 }),
    later = b.operator(
      'STRIDED_SLICE',
      [all, b.integers(0, 1, 0), b.integers(1, 4, 2), b.integers(1, 1, 1)],
      b.tensor(kept),
    );
  b.operator('ASSIGN_VARIABLE', [handle, later], []);
  return b.finish([x], [b.operator('REDUCE_MAX', [all, b.integers(1)], b.tensor(int8(1, 2)))]);
}

test('a sliding window, whose rows the app keeps', () => {
  const { remarks, ...graph } = importTflite(window(), 'test'),
    model = load(packGraph(graph).file.buffer),
    rows = [
      [5, -9],
      [2, -20],
      [-7, 4],
      [1, 1],
      [0, -100],
      [-50, -60],
    ];
  assert.equal(
    model.inputs.map((x) => x.length),
    [2, 6],
  );
  assert.is(remarks.length, 1);
  assert.match(remarks[0], /last 1 inputs \(kept\)/);
  const { zeroPoint } = graph.tensors.get(graph.inputs[1])!.quantization!;
  let state = new Int8Array(6).fill(zeroPoint);
  rows.forEach((values, i) => {
    model.inputs[0].set(values);
    model.inputs[1].set(state);
    run(model);
    const seen = [[-3, -3], [-3, -3], [-3, -3], ...rows].slice(i, i + 4);
    assert.equal(
      [...model.outputs[0]],
      [0, 1].map((column) => Math.max(...seen.map((row) => row[column]))),
    );
    state = model.outputs[1].slice();
  });
});

test('a state that is written with another scale than it is read with is refused', () => {
  assert.match(
    refusal(() => importTflite(window({ ...int8(1, 3, 2), scale: 0.25 }), 'test')),
    /variable rows is written with another scale/,
  );
});

test('a variable that is never written is a constant, which must be known', () => {
  const b = new TfliteBuilder(),
    x = b.tensor(int8(1, 2)),
    handle = b.operator('VAR_HANDLE', [], b.tensor({ shape: [], type: 'resource' }), { sharedName: 'v' }),
    y = b.operator('READ_VARIABLE', [handle], b.tensor(int8(1, 2)));
  const file = b.finish([x], [b.operator('ADD', [x, y], b.tensor(int8(1, 2)))]);
  assert.match(
    refusal(() => importTflite(file, 'test')),
    /is not computed before it/,
  );
});

test.run();
