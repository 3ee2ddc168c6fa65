/** How a model is quantized: for all layers, and for single ones by name. */
import * as v from 'valibot';
import { FlintError } from '../../src/error';
import { choice, described, named, object, parse, share, truth, wholeNumber } from './values';

/** How one layer's weights become integers. */
export const weightSettings = {
  bits: described(
    wholeNumber(2, 8),
    'Width of the weights. With 2, symmetric weights are ternary: -1, 0, 1.',
  ),
  asymmetric: described(
    truth,
    "Zero points for the weights, where bits are fewer than 8: the arithmetic's int8 has room for their " +
      'difference.',
  ),
  perTensor: described(
    truth,
    'One scale for all weights of a layer, instead of one for each output channel.',
  ),
  scales: described(
    choice(['max', 'mse']),
    'Scales from the largest weight, or those with the least squared error of the weights.',
  ),
  rounding: described(
    choice(['nearest', 'gptq']),
    "To the nearest, or each weight's error made up for by the weights behind it, as GPTQ does " +
      '(Frantar et al., 2022).',
  ),
  biasCorrection: described(
    truth,
    "The bias takes up the mean of what the weights' errors do to the output (Nagel et al., 2019).",
  ),
  sparsity: described(
    share,
    'Share of the weights that become 0: those whose loss changes the output least where calibration looks ' +
      'at what layers read (GPTQ, bias correction), else the smallest. Depthwise layers, whose few weights ' +
      'are all needed, only by name.',
  ),
};

const layer = object(v.partial(v.object(weightSettings)).entries);

export const schemeSettings = {
  bits: v.optional(weightSettings.bits, 8),
  asymmetric: v.optional(weightSettings.asymmetric, false),
  perTensor: v.optional(weightSettings.perTensor, false),
  scales: v.optional(weightSettings.scales, 'max'),
  rounding: v.optional(weightSettings.rounding, 'nearest'),
  biasCorrection: v.optional(weightSettings.biasCorrection, false),
  sparsity: v.optional(weightSettings.sparsity, 0),
  activations: v.optional(
    described(
      choice(['asymmetric', 'symmetric', 'power-of-two']),
      'Tensors between layers: with zero points, without, or without and with powers of 2 as scales.',
    ),
    'asymmetric',
  ),
  calibration: v.optional(
    described(
      choice(['min-max', 'moving-average', 'percentile', 'mse', 'entropy']),
      'How the range of a tensor follows from the values that it takes on the calibration images.',
    ),
    'min-max',
  ),
  pruning: v.optional(
    described(
      choice(['weights', 'channels']),
      "What sparsity takes: single weights, or whole channels, where a layer's output reaches one " +
        'other layer only.',
    ),
    'weights',
  ),
  scope: v.optional(
    described(
      choice(['layer', 'global']),
      'Whether each layer loses its share, or all together theirs, more where less is lost.',
    ),
    'layer',
  ),
  equalize: v.optional(
    described(
      truth,
      "Scales of neighbouring layers' channels are balanced before anything else (cross-layer " +
        'equalization, Nagel et al., 2019).',
    ),
    false,
  ),
  sequential: v.optional(
    described(
      truth,
      "Each layer's weights are fitted to what the quantized layers before it give, and rounded then; not " +
        'with channels taken out.',
    ),
    false,
  ),
  layers: v.optional(
    described(
      named(layer),
      "What is special about single layers, by the operator's name in the source model.",
    ),
    {},
  ),
};

/** Plain int8. */
export const plain = v.parse(object(schemeSettings), {});

// Taken from a value, the types that the package ships hold these settings, not the schema's inside.
export type Scheme = typeof plain;
export type WeightScheme = Required<Scheme['layers'][string]>;

const isWide = ({ asymmetric, bits }: WeightScheme): boolean => asymmetric && bits === 8;
const wideLayers = (scheme: Scheme): string[] =>
  Object.keys(scheme.layers).filter((name) => isWide({ ...scheme, ...scheme.layers[name] }));
const reason = 'with 8, what kernels multiply by would not fit int8';

export const SchemeSchema = v.pipe(
  object(schemeSettings),
  v.forward(
    v.check((scheme) => !isWide(scheme), `goes with 7 bits or fewer: ${reason}`),
    ['asymmetric'],
  ),
  v.forward(
    v.check(
      (scheme) => wideLayers(scheme).length === 0,
      ({ input }) => `has asymmetric weights of 8 bits in ${wideLayers(input).join(', ')}: ${reason}`,
    ),
    ['layers'],
  ),
  v.forward(
    v.check(
      ({ sequential, pruning }) => !sequential || pruning !== 'channels',
      'does not go with pruning of channels: the float network has no such layers to fit them to',
    ),
    ['sequential'],
  ),
);

/**
 * A scheme out of JSON: settings not given are those of plain int8.
 * @param where the file, for people
 * @throws FlintError naming each setting that is wrong
 */
export const readScheme = (json: unknown, where: string): Scheme => parse(SchemeSchema, json, where);

/** The widths of the weights, as in "int8", "int4 weights" or "int2 to int8 weights". */
export function schemeWords({ bits, layers }: Pick<Scheme, 'bits' | 'layers'>): string {
  const widths = [bits, ...Object.values(layers).map((layer) => layer.bits ?? bits)],
    [least, most] = [Math.min(...widths), Math.max(...widths)];
  if (least === 8) return 'int8';
  return least === most ? `int${least} weights` : `int${least} to int${most} weights`;
}

/**
 * The scheme of each layer.
 * @param layers all layers with weights of the model
 * @throws FlintError when the scheme names a layer that is not there
 */
export function layerSchemes(
  scheme: Scheme,
  layers: { op: string; name: string }[],
): Map<string, WeightScheme> {
  const names = layers.map(({ name }) => name);
  for (const name of Object.keys(scheme.layers))
    if (!names.includes(name))
      throw new FlintError(`no layer is named ${name}; there are ${names.join(', ')}`);
  const common = v.parse(v.object(weightSettings), scheme);
  return new Map(
    layers.map(({ op, name }) => {
      const spared = op === 'depthwiseConv2d' ? { sparsity: 0 } : {};
      return [name, { ...common, ...spared, ...scheme.layers[name] }];
    }),
  );
}
