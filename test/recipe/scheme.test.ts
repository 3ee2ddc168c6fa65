import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { layerSchemes, plain, readScheme } from '../../host/recipe/scheme';
import { refusal } from '../support/refusal';

const layers = [
  { op: 'conv2d', name: 'stem' },
  { op: 'depthwiseConv2d', name: 'depth' },
  { op: 'fullyConnected', name: 'classes' },
];

test('what a scheme does not say is plain int8', () => {
  assert.equal(readScheme({}, 'model.json'), plain);
  assert.equal(readScheme({ bits: 4, rounding: 'gptq' }, 'model.json'), {
    ...plain,
    bits: 4,
    rounding: 'gptq',
  });
});

test('each layer takes the scheme of all, with its own settings over it', () => {
  const scheme = readScheme({ bits: 4, perTensor: true, layers: { stem: { bits: 8 } } }, 'model.json');
  const schemes = layerSchemes(scheme, layers);
  assert.is(schemes.get('stem')!.bits, 8);
  assert.is(schemes.get('stem')!.perTensor, true);
  assert.equal(Object.keys(schemes.get('classes')!), [
    'bits',
    'asymmetric',
    'perTensor',
    'scales',
    'rounding',
    'biasCorrection',
    'sparsity',
  ]);
  assert.is(schemes.get('classes')!.bits, 4);
});

test('depthwise layers keep all weights unless they are named', () => {
  const common = layerSchemes(readScheme({ sparsity: 0.5 }, ''), layers);
  assert.equal(
    [...common.values()].map(({ sparsity }) => sparsity),
    [0.5, 0, 0.5],
  );
  const named = layerSchemes(readScheme({ layers: { depth: { sparsity: 0.25 } } }, ''), layers);
  assert.equal(
    [...named.values()].map(({ sparsity }) => sparsity),
    [0, 0.25, 0],
  );
});

test('a layer that the model does not have is named, with those that it has', () => {
  const scheme = readScheme({ layers: { stm: { bits: 4 } } }, 'model.json');
  assert.throws(() => layerSchemes(scheme, layers), /no layer is named stm; there are stem, depth, classes/);
});

const refused: [json: unknown, message: string][] = [
  [{ bits: 1 }, '"bits" should be a whole number from 2 to 8'],
  [{ bits: '4' }, '"bits" should be a whole number from 2 to 8'],
  [{ sparsity: 1 }, '"sparsity" should be a number from 0 to less than 1'],
  [{ perTensor: 1 }, '"perTensor" should be true or false'],
  [{ pruning: 'everything' }, '"pruning" should be one of weights, channels'],
  [{ layers: [] }, '"layers" should be an object'],
  [{ layers: { 'a.b': { bits: 9 } } }, '"layers.a.b.bits" should be a whole number from 2 to 8'],
  [
    { asymmetric: true },
    '"asymmetric" goes with 7 bits or fewer: with 8, what kernels multiply by would not fit int8',
  ],
  [
    { bits: 4, asymmetric: true, layers: { stem: { bits: 8 }, depth: {} } },
    '"layers" has asymmetric weights of 8 bits in stem: with 8, what kernels multiply by would not fit int8',
  ],
  [
    { sequential: true, pruning: 'channels' },
    '"sequential" does not go with pruning of channels: the float network has no such layers to fit them to',
  ],
];

for (const [json, message] of refused)
  test(`refused: ${JSON.stringify(json)}`, () => {
    assert.is(
      refusal(() => readScheme(json, 'model.json')),
      `model.json: ${message}`,
    );
  });

test('what concerns the whole network cannot be set for one layer', () => {
  assert.throws(
    () => readScheme({ layers: { stem: { activations: 'symmetric' } } }, 'model.json'),
    /"layers\.stem\.activations" is unknown; known here: bits, asymmetric, perTensor, scales, rounding, /,
  );
});

test('asymmetric weights of 7 bits, and channels without sequence, are taken', () => {
  assert.is(readScheme({ asymmetric: true, bits: 7 }, '').bits, 7);
  assert.is(readScheme({ pruning: 'channels' }, '').pruning, 'channels');
});

test.run();
