/// <reference types="node" />
import { create, fromBinary, toBinary, type MessageShape } from '@bufbuild/protobuf';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  ModelProtoSchema,
  NodeProtoSchema,
  StringStringEntryProtoSchema,
  TensorProto_DataType as Type,
} from 'onnx-buf';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importOnnx } from '../../host/import/onnx/import';
import { prepare } from '../../host/import/onnx/prepare';
import { agreesInFloat, conv, gemm, model, refusal } from '../support/onnx';
import { OnnxBuilder } from '../support/onnx-builder';
import { temporaryFolder } from '../system/folder';

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
    const fixed = prepare(bytes);
    assert.equal(importOnnx(fixed, '').tensors.get('x')!.shape, [1, 7, 8, 3]);
    await agreesInFloat(fixed);
  }
});

test('another fixed batch becomes one, in a Reshape as well', async () => {
  const batch = (n: bigint) => ({ case: 'dimValue', value: n }) as const;
  await agreesInFloat(
    prepare(
      edited(
        model((b) => gemm(b, b.node('Reshape', ['x', [4, 168]]), 168)),
        (m) => (inputType(m).shape!.dim[0].value = batch(4n)),
      ),
    ),
  );
});

test("an image size that is left open is the recipe's", async () => {
  const open = edited(small(), (m) => {
    for (const i of [2, 3]) inputType(m).shape!.dim[i].value = { case: 'dimParam', value: 'size' };
  });
  await agreesInFloat(prepare(open, [7, 8, 3]));
  assert.match(
    refusal(prepare(open)),
    /input x has the shape \[1,3,\?,\?\]; all but the batch must be fixed/,
  );
});

test('IR versions and opsets of years to come', async () => {
  await agreesInFloat(
    edited(small(), (m) => {
      m.irVersion = 14n;
      m.opsetImport[0].version = 28n;
    }),
  );
});

/** Two bytes for each of some floats that 16 bits hold exactly. */
const halves = (values: number[]): number[] =>
  values.map((v) => {
    if (v === 0) return 0;
    const exponent = Math.floor(Math.log2(Math.abs(v)));
    return (
      (v < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | Math.round((Math.abs(v) / 2 ** exponent - 1) * 1024)
    );
  });

test('a model in float16 is one in float32', async () => {
  const round = (v: number): number => Math.round(v * 64) / 64;
  const wide = edited(small(), (m) => constants(m).forEach((t) => (t.floatData = t.floatData.map(round)))),
    narrow = prepare(
      edited(wide, (m) => {
        inputType(m).elemType = Type.FLOAT16;
        constants(m).forEach((t, i) => {
          const bits = halves(t.floatData);
          const raw = new Uint8Array(Uint16Array.from(bits).buffer);
          Object.assign(t, {
            dataType: Type.FLOAT16,
            floatData: [],
            ...(i ? { int32Data: bits } : { rawData: raw }),
          });
        });
      }),
    );
  await agreesInFloat(narrow);
  assert.equal(importOnnx(narrow, '').nodes, importOnnx(wide, '').nodes);
});

/** The small model with its weights in a file of a folder. @returns the model */
function withWeightsIn(folder: string, location: string, content = 12): Uint8Array {
  return edited(small(), (m) => {
    const [weights] = constants(m),
      bytes = new Uint8Array(Float32Array.from(weights.floatData).buffer);
    writeFileSync(
      join(folder, 'weights.bin'),
      Buffer.concat([Buffer.alloc(4), bytes.subarray(0, content * 4)]),
    );
    const about = { location, offset: '4', length: String(bytes.length) };
    Object.assign(weights, { floatData: [], dataLocation: 1 });
    weights.externalData = Object.entries(about).map(([key, value]) =>
      create(StringStringEntryProtoSchema, { key, value }),
    );
  });
}

test('weights in a file beside the model', () => {
  const folder = temporaryFolder(),
    whole = prepare(withWeightsIn(folder, 'weights.bin'), undefined, folder);
  assert.equal(importOnnx(whole, '').nodes, importOnnx(small(), '').nodes);
});

test('weights that are not there, not whole, or outside the folder are refused, by name', () => {
  const folder = temporaryFolder(),
    inside = join(folder, 'model'),
    read = (bytes: Uint8Array) => () => prepare(bytes, undefined, inside);
  mkdirSync(inside);
  symlinkSync(join(folder, 'weights.bin'), join(inside, 'link.bin'));
  const bytes = withWeightsIn(folder, 'nowhere.bin');
  assert.throws(read(bytes), /the weights c0 are in another file, nowhere.bin, which is not there/);
  for (const location of ['../weights.bin', join(folder, 'weights.bin'), 'link.bin'])
    assert.throws(read(withWeightsIn(folder, location)), /outside the model's folder, where nothing is read/);
  assert.throws(
    read(withWeightsIn(inside, 'weights.bin', 3)),
    /weights.bin, which has 16: it belongs to another/,
  );
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
    new RegExp(`${name} has the type COMPLEX64.*save the model as float32`),
    (m) => (weights(m).dataType = Type.COMPLEX64),
  );
  bad(/stored in another file, which was not read/, (m) => (weights(m).dataLocation = 1));
  bad(new RegExp(`constant ${name} has 12 values for the shape`), (m) => (weights(m).dims = [2n ** 50n]));
  bad(/has 12 values for the shape \[-4,3,1,1\]/, (m) => (weights(m).dims[0] = -4n));
  bad(/opset 6; 7 and newer are understood: export it again/, (m) => (m.opsetImport[0].version = 6n));
  bad(
    /input x has a batch of 4/,
    (m) => (inputType(m).shape!.dim[0].value = { case: 'dimValue', value: 4n }),
  );
  bad(
    /all but the batch must be fixed/,
    (m) => (inputType(m).shape!.dim[2].value = { case: 'dimParam', value: 'height' }),
  );
  bad(/input x is of the type INT32/, (m) => (inputType(m).elemType = Type.INT32));
  bad(
    /which nothing before it computes/,
    ({ graph }) => (graph!.node[0].input[0] = graph!.node[0].output[0]),
  );
  bad(/a second time/, ({ graph }) => graph!.node.push(graph!.node[0]));
  bad(/names of their own/, ({ graph }) => graph!.input.push(graph!.input[0]));
  assert.match(refusal(new Uint8Array(100).fill(255)), /^not an ONNX model/);
  assert.match(refusal(new Uint8Array(0)), /^the file is empty/);
});

test('weights in double precision are rounded', () => {
  const bytes = edited(small(), (m) => {
    for (const t of constants(m))
      Object.assign(t, { dataType: Type.DOUBLE, doubleData: t.floatData, floatData: [] });
  });
  assert.equal(importOnnx(bytes, '').nodes, importOnnx(small(), '').nodes);
});

test.run();
