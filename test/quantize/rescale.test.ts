import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { agrees, conv, model, type Build } from '../support/onnx';

/** What has a scale that is fixed. */
const kinds: Record<string, Build> = {
  'the input': () => 'x',
  Sigmoid: (b) => b.node('Sigmoid', [conv(b, 'x')]),
  Tanh: (b) => b.node('Tanh', [conv(b, 'x')]),
  Softmax: (b) => b.node('Softmax', [conv(b, 'x')], { axis: 1 }),
  'a maximum pool of Sigmoid': (b) =>
    b.node('MaxPool', [b.node('Sigmoid', [conv(b, 'x')])], { kernel_shape: [1, 1] }),
};

const joined =
  (...parts: Build[]): Build =>
  (b) =>
    b.node(
      'Concat',
      parts.map((part) => part(b)),
      { axis: 1 },
    );
const lookups = (operators: string[]): number => operators.filter((name) => name === 'lookup').length;

for (const [name, build] of Object.entries(kinds))
  test(`${name}, joined with a convolution of a wider range: nothing is clipped`, async () => {
    await agrees(model(joined(build, (b) => conv(b, 'x'))));
  });

test('two fixed scales that differ', async () => {
  await agrees(model(joined(kinds.Sigmoid, kinds.Tanh, kinds['the input'])));
});

test('one that is read twice is requantized once', async () => {
  const twice: Build = (b) => {
    const x = conv(b, 'x');
    return b.node('Concat', [b.node('Concat', ['x', x, 'x'], { axis: 1 }), 'x'], { axis: 1 });
  };
  assert.is(lookups(await agrees(model(twice))), 1);
});

test('fixed scales that agree stay as they are', async () => {
  assert.is(lookups(await agrees(model(joined(kinds.Sigmoid, kinds.Sigmoid)))), 2);
  assert.is(lookups(await agrees(model(joined(kinds['the input'], () => 'x')))), 0);
});

test('a border beyond the range of what it surrounds', async () => {
  await agrees(model((b) => b.node('Pad', ['x', [0, 0, 1, 1, 0, 0, 1, 1], b.float(3)])));
});

test.run();
