import { create, fromBinary, toBinary, type MessageShape } from '@bufbuild/protobuf';
import { ModelProtoSchema, NodeProtoSchema, TensorProto_DataType as Type } from 'onnx-buf';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importOnnx } from '../../host/import/onnx/import';
import { agreesInFloat, conv, model, refusal } from '../support/onnx';
import { OnnxBuilder } from '../support/onnx-builder';

type Model = MessageShape<typeof ModelProtoSchema>;

/** The same file, changed. */
function edited(bytes: Uint8Array, edit: (m: Model) => unknown): Uint8Array<ArrayBuffer> {
  const m = fromBinary(ModelProtoSchema, bytes as Uint8Array<ArrayBuffer>);
  edit(m);
  return toBinary(ModelProtoSchema, m);
}

const small = (): Uint8Array<ArrayBuffer> => model((b) => conv(b, 'x')) as Uint8Array<ArrayBuffer>;
const constants = (m: Model) => m.graph!.initializer;

function inputType(m: Model) {
  const type = m.graph!.input[0].type!.value;
  if (type.case !== 'tensorType') throw new Error('no tensor');
  return type.value;
}

test('constants as raw bytes, even unaligned ones', async () => {
  await agreesInFloat(
    edited(small(), (m) => {
      m.producerName = 'odd'; // moves what follows by odd numbers of bytes
      for (const t of constants(m))
        Object.assign(t, { rawData: new Uint8Array(Float32Array.from(t.floatData).buffer), floatData: [] });
    }),
  );
});

test('constants also listed as inputs, and before the real one', async () => {
  const info = (shape: bigint[]) =>
    fromBinary(
      ModelProtoSchema,
      edited(new OnnxBuilder(shape.map(Number)).finish('x'), () => {}),
    ).graph!.input[0];
  await agreesInFloat(
    edited(small(), (m) =>
      m.graph!.input.unshift(...constants(m).map(({ name, dims }) => ({ ...info(dims), name }))),
    ),
  );
});

test('weights from Constant nodes and through Identity', async () => {
  await agreesInFloat(
    edited(small(), (m) => {
      const g = m.graph!,
        [weights] = g.initializer.splice(0, 1);
      g.node.unshift(
        create(NodeProtoSchema, {
          opType: 'Constant',
          output: ['stored'],
          attribute: [{ name: 'value', type: 4, t: weights }],
        }),
        create(NodeProtoSchema, { opType: 'Identity', input: ['stored'], output: [weights.name] }),
      );
    }),
  );
});

test('a batch that is not fixed counts as one', async () => {
  for (const value of [
    { case: 'dimParam', value: 'N' },
    { case: 'dimValue', value: -1n },
  ] as const) {
    const bytes = edited(small(), (m) => (inputType(m).shape!.dim[0].value = value));
    assert.equal(importOnnx(bytes, '').tensors.get('x')!.shape, [1, 7, 8, 3]);
    if (value.case === 'dimParam') await agreesInFloat(bytes);
  }
});

test('Dropout that names its mode', () => {
  const dropout = (training: number): Uint8Array => {
    const bytes = model((b) => b.node('Dropout', ['x', b.float(0.5), [training]]));
    return edited(bytes, (m) =>
      Object.assign(constants(m)[1], { dataType: Type.BOOL, int64Data: [], int32Data: [training], dims: [] }),
    );
  };
  assert.equal(importOnnx(dropout(0), '').nodes, []);
  assert.match(refusal(dropout(1)), /export the model in evaluation mode/);
});

test('what is wrong with a file is said in its own terms', () => {
  const bad = (why: RegExp, edit: (m: Model) => void): void =>
    assert.match(refusal(edited(small(), edit)), why);
  const weights = (m: Model) => constants(m)[0],
    { name } = weights(fromBinary(ModelProtoSchema, small()));
  for (const value of [NaN, Infinity])
    bad(
      new RegExp(`constant ${name} holds values that are not finite`),
      (m) => (weights(m).floatData[1] = value),
    );
  bad(
    new RegExp(`${name} has the type FLOAT16.*save the model as float32`),
    (m) => (weights(m).dataType = Type.FLOAT16),
  );
  bad(/stored in another file: save the model with its weights inside/, (m) => (weights(m).dataLocation = 1));
  bad(new RegExp(`constant ${name} has 12 values for the shape`), (m) => (weights(m).dims = [2n ** 50n]));
  bad(/has 12 values for the shape \[-4,3,1,1\]/, (m) => (weights(m).dims[0] = -4n));
  bad(/opset 19; 11 to 18 are understood: export it again/, (m) => (m.opsetImport[0].version = 19n));
  bad(
    /input x has a batch of 4/,
    (m) => (inputType(m).shape!.dim[0].value = { case: 'dimValue', value: 4n }),
  );
  bad(
    /all fixed, is needed/,
    (m) => (inputType(m).shape!.dim[2].value = { case: 'dimParam', value: 'height' }),
  );
  bad(/input x is of the type UINT8/, (m) => (inputType(m).elemType = Type.UINT8));
  bad(
    /which nothing before it computes/,
    ({ graph }) => (graph!.node[0].input[0] = graph!.node[0].output[0]),
  );
  bad(/a second time/, ({ graph }) => graph!.node.push(graph!.node[0]));
  bad(/names of their own/, ({ graph }) => graph!.input.push(graph!.input[0]));
  for (const bytes of [new Uint8Array(0), new Uint8Array(100).fill(255)])
    assert.match(refusal(bytes), /^not an ONNX model/);
});

test('weights in double precision are rounded', () => {
  const bytes = edited(small(), (m) => {
    for (const t of constants(m))
      Object.assign(t, { dataType: Type.DOUBLE, doubleData: t.floatData, floatData: [] });
  });
  assert.equal(importOnnx(bytes, '').nodes, importOnnx(small(), '').nodes);
});

test.run();
