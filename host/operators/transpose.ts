/** Dimensions in another order. */
import { Transpose } from '../../src/operators/transpose';
import { TO_ONNX, TO_OURS, image, need as needOnnx, numbers, type OnnxContext } from '../import/onnx/context';
import { integers, need, operand, result, type TfConverter } from '../import/tflite/context';
import { define } from './operator';
import { reshapeTf } from './reshape';

declare module '../graph' {
  interface NodeKinds<P> {
    /** Output dimension i is input dimension permutation[i]. */
    transpose: { permutation: number[] };
  }
}

const isPermutation = (list: number[], rank: number): boolean =>
  list.length === rank && Array.from({ length: rank }, (_, i) => i).every((i) => list.includes(i));

/** Whether bytes stay where they are: dimensions of 1 may go anywhere. */
function keepsOrder(permutation: number[], shape: number[]): boolean {
  const moved = permutation.filter((d) => shape[d] !== 1);
  return moved.every((d, i) => i === 0 || d > moved[i - 1]);
}

const fromTflite: TfConverter = (op, c) => {
  const x = operand(op, 0),
    permutation = integers(operand(op, 1));
  need(isPermutation(permutation, x.shape.length), `permutation [${permutation}] of [${x.shape}]`);
  if (keepsOrder(permutation, x.shape)) return reshapeTf(op, c);
  c.emit({ op: 'transpose', inputs: [c.name(x)], output: c.name(result(op)), permutation });
};

function fromOnnx(c: OnnxContext): void {
  const x = image(c),
    given = numbers(c, 'perm', [3, 2, 1, 0], 4);
  needOnnx(isPermutation(given, 4), `its perm is [${given}]`);
  needOnnx(given[0] === 0, `its perm is [${given}]: the batch of one must stay in front`);
  const shape = given.map((d) => x.shape[d]),
    ours = c.graph.tensors.get(x.tensor)!.shape;
  // Both sides are images in our order: the output's dimension j is ONNX's TO_ONNX[j].
  const permutation = TO_ONNX.map((d) => TO_OURS[given[d]]);
  if (keepsOrder(permutation, ours)) return c.emit({ op: 'reshape', inputs: [x.tensor] }, shape);
  c.emit({ op: 'transpose', inputs: [x.tensor], permutation }, shape);
}

export const transpose = define({
  kind: 'transpose',
  device: ['transpose'],
  onnx: { Transpose: fromOnnx },
  tflite: { TRANSPOSE: fromTflite },
  scale: () => 'input',
  lower({ permutation }) {
    const missing = 4 - permutation.length;
    const words = [...[0, 1, 2, 3].slice(0, missing), ...permutation.map((p) => p + missing)];
    return { operator: 'transpose', fields: [[Transpose.permutation, words]] };
  },
});
