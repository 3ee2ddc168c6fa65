import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { flat, model, on, refusal, type Build } from '../support/onnx';

/** What cannot run is refused, and the message says why. */
function refused(title: string, why: RegExp, build: Build, shape?: number[], opset?: number): void {
  test(`refused: ${title}`, () => assert.match(refusal(model(build, shape, opset)), why));
}

const VECTOR = [1, 5];

// Moves.
refused(
  'Transpose that names a dimension twice',
  /its perm is \[0,2,2,3\]/,
  on('Transpose', { perm: [0, 2, 2, 3] }),
);
refused('Slice that leaves nothing', /nothing is left/, on('Slice', {}, [3], [3], [2]));
refused('Slice with a step of zero', /do not fit each other/, on('Slice', {}, [0], [3], [2], [0]));
refused('Slice with lists of different lengths', /do not fit each other/, on('Slice', {}, [0, 1], [3]));
refused('Slice with computed starts', /its starts must be a constant/, (b) =>
  b.node('Slice', ['x', b.node('Relu', ['x']), [3]]),
);
refused(
  'Split into sizes that do not add up',
  /along axis 1 into \[1,1\]/,
  (b) => b.nodes('Split', ['x', [1, 1]], 2, { axis: 1 })[0],
);
refused('Split of the batch', /along axis 0 into \[1,0\]/, (b) => b.nodes('Split', ['x'], 2, { axis: 0 })[0]);

/** Resize by factors of all four dimensions. */
const resize =
  (factors: number[], attributes = {}): Build =>
  (b) =>
    b.node('Resize', ['x', '', b.floats([factors.length], factors)], attributes);
refused('Resize by cubes', /its mode is cubic/, resize([1, 1, 2, 2], { mode: 'cubic' }));
refused('Resize of channels', /it makes \[1,6,14,16\] of \[1,3,7,8\]/, resize([1, 2, 2, 2]));
refused(
  'Resize of a part',
  /mode is tf_crop_and_resize/,
  resize([1, 1, 2, 2], { coordinate_transformation_mode: 'tf_crop_and_resize' }),
);
refused(
  'Resize along fewer axes than it has scales',
  /do not fit its axes/,
  resize([2], { axes: [2, 3] }),
  undefined,
  18,
);
refused('Resize to nothing', /it makes \[1,3,0,8\]/, (b) => b.node('Resize', ['x', '', '', [1, 3, 0, 8]]));

// Arithmetic.
refused(
  'constants of another size',
  /\[1,5\] and \[4\], which do not fit/,
  (b) => b.node('Add', ['x', b.floats([4])]),
  VECTOR,
);
refused('an image times a vector', /\[1,3,7,8\] and \[1,3\]/, (b) =>
  b.node('Mul', ['x', flat(b, b.node('GlobalMaxPool', ['x']))]),
);
refused('a constant of integers', /a constant of floats/, on('Mul', {}, [2]));
refused('nothing but constants', /its input 0 is a constant/, (b) => b.node('Elu', [b.floats([3])]));
refused('a tensor divided by zero', /it divides by zero/, (b) => b.node('Div', ['x', b.float(0)]));
refused('PRelu of more slopes than values', /its slopes are larger than its input/, (b) =>
  b.node('PRelu', [b.node('GlobalMaxPool', ['x']), 'x']),
);

test.run();
