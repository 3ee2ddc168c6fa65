/** Models whose end names a class: the scores become their output. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importOnnx } from '../../host/import/onnx/import';
import { prepare } from '../../host/import/onnx/prepare';
import { agrees, gemm, refusal } from '../support/onnx';
import { OnnxBuilder } from '../support/onnx-builder';

const VECTOR = [1, 5];

/** A model that ends with what is chosen among the scores of five values. */
function chosen(end: (b: OnnxBuilder, scores: string) => string[]): Uint8Array {
  const b = new OnnxBuilder(VECTOR);
  return prepare(b.finish(...end(b, b.node('Softmax', [gemm(b, 'x', 5)]))));
}

/** What scikit-learn's converter writes behind an ArgMax. */
function named(b: OnnxBuilder, scores: string): string {
  const best = b.node('ArgMax', [scores], { axis: 1 }),
    label = b.node('ai.onnx.ml.ArrayFeatureExtractor', [[3, 5, 8], best]);
  return b.node('Cast', [b.node('Reshape', [label, [-1]])], { to: 7 });
}

const zipped = (b: OnnxBuilder, scores: string): string =>
  b.node('ai.onnx.ml.ZipMap', [b.node('Identity', [scores])], { classlabels_int64s: [3, 5, 8] });

/** The model gives its scores alone, as ONNX Runtime computes them, and says what was left out. */
function givesScores(title: string, remarks: RegExp[], end: Parameters<typeof chosen>[0]): void {
  test(title, async () => {
    const model = chosen(end),
      { outputs, remarks: said } = importOnnx(model, 'test');
    assert.equal(outputs.length, 1);
    assert.is(said.length, remarks.length);
    remarks.forEach((remark, i) => assert.match(said[i], remark));
    assert.equal(await agrees(model), ['fullyConnected', 'softmax']);
  });
}

givesScores('an ArgMax alone', [/output v\d+ is left out \(ArgMax\).* are the output/], (b, scores) => [
  b.node('ArgMax', [scores], { axis: 1 }),
]);
givesScores(
  'the values and places of a TopK',
  [/TopK.* are the output/, /TopK.* are an output/],
  (b, scores) => b.nodes('TopK', [scores, [2]], 2),
);
givesScores('a label beside the scores', [/ArgMax, ArrayFeatureExtractor, Reshape, Cast/], (b, scores) => [
  named(b, scores),
  b.node('Identity', [scores]),
]);
givesScores('a label and a map of the probabilities', [/ArgMax/, /ZipMap/], (b, scores) => [
  named(b, scores),
  zipped(b, scores),
]);

test('a StandardScaler before the network runs', async () => {
  const b = new OnnxBuilder(VECTOR),
    offset = [0.5, -0.25, 0.1, 0, 0.3],
    scaled = b.node('ai.onnx.ml.Scaler', ['x'], { offset, scale: [1.5, 0.75, 2, 1, 1.25] }),
    operators = await agrees(prepare(b.finish(gemm(b, scaled, 5))));
  assert.ok(operators.includes('fullyConnected'), operators.join());
});

test('what is chosen in the midst of a model is refused', () => {
  const model = chosen((b, scores) => [b.node('Mul', [b.nodes('TopK', [scores, [2]], 2)[0], b.float(2)])]);
  assert.match(refusal(model), /TopK \[1,3\], \[1\]: take it out of the model/);
});

test.run();
