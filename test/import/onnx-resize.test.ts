import { test } from 'uvu';
import { agrees, conv, model, type Build } from '../support/onnx';

const runs = async (build: Build): Promise<void> => void (await agrees(model(build)));

const modes = ['asymmetric', 'half_pixel', 'pytorch_half_pixel', 'align_corners'],
  roundings = ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'];

/**
 * To larger and smaller images, by whole and by odd factors: many positions lie just between two pixels,
 * where float32 decides.
 */
const sizes = [
    [14, 16],
    [3, 4],
    [10, 5],
    [1, 1],
    [7, 20],
  ],
  factors = [
    [2, 2],
    [0.5, 0.25],
    [1.5, 2.3],
    [0.6, 1],
    [1.1, 1.1],
  ];

for (const mode of modes)
  for (const nearest_mode of roundings) {
    const attributes = { mode: 'nearest', coordinate_transformation_mode: mode, nearest_mode };
    test(`Resize, ${mode}, ${nearest_mode}, to sizes`, async () => {
      for (const size of sizes)
        await runs((b) => conv(b, b.node('Resize', ['x', '', '', [1, 3, ...size]], attributes)));
    });
    test(`Resize, ${mode}, ${nearest_mode}, by factors`, async () => {
      for (const factor of factors)
        await runs((b) => conv(b, b.node('Resize', ['x', '', b.floats([4], [1, 1, ...factor])], attributes)));
    });
  }

for (const mode of modes)
  test(`Resize between pixels, ${mode}`, async () => {
    const attributes = { mode: 'linear', coordinate_transformation_mode: mode };
    for (const size of sizes)
      await runs((b) => conv(b, b.node('Resize', ['x', '', '', [1, 3, ...size]], attributes)));
    for (const factor of factors)
      await runs((b) => conv(b, b.node('Resize', ['x', '', b.floats([4], [1, 1, ...factor])], attributes)));
  });

test('Resize along listed axes', () =>
  agrees(
    model((b) => b.node('Resize', ['x', '', b.floats([2], [3, 2])], { axes: [3, 2] }), undefined, 18),
  ).then(() => undefined));

test('Upsample, of old opsets', () =>
  agrees(model((b) => b.node('Upsample', ['x', b.floats([4], [1, 1, 2, 3])]), undefined, 9)).then(
    () => undefined,
  ));

test('Resize, unless told otherwise', () =>
  runs((b) => b.node('Resize', ['x', '', b.floats([4], [1, 1, 3, 0.7])])));

test.run();
