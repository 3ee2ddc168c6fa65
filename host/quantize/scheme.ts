/** How a model is quantized: for all layers, and for single ones by name. */
import { FlintError } from '../../src/error';

/** How one layer's weights become integers. */
export interface WeightScheme {
  /** 2 to 8. With 2, symmetric weights are ternary: -1, 0, 1. */
  bits: number;
  /** Zero points for the weights, where bits are fewer than 8: the arithmetic's int8 has room for their difference. */
  asymmetric: boolean;
  perTensor: boolean;
  /** Scales from the largest weight, or those with the least squared error of the weights. */
  scales: 'max' | 'mse';
  /** To the nearest, or each weight's error made up for by the weights behind it, as GPTQ does (Frantar et al., 2022). */
  rounding: 'nearest' | 'gptq';
  /** The bias takes up the mean of what the weights' errors do to the output (Nagel et al., 2019). */
  biasCorrection: boolean;
  /**
   * Share of the weights that become 0: those whose loss changes the output least where calibration looks at what layers read (GPTQ, bias
   * correction), else the smallest. Depthwise layers, whose few weights are all needed, only by name.
   */
  sparsity: number;
}

export interface Scheme extends WeightScheme {
  activations: 'asymmetric' | 'symmetric' | 'power-of-two';
  calibration: 'min-max' | 'moving-average' | 'percentile' | 'mse' | 'entropy';
  /** What sparsity takes: single weights, or whole channels, where a layer's output reaches one other layer only. */
  pruning: 'weights' | 'channels';
  /** Whether each layer loses its share, or all together theirs, more where less is lost. */
  scope: 'layer' | 'global';
  /** Scales of neighbouring layers' channels are balanced before anything else (cross-layer equalization, Nagel et al., 2019). */
  equalize: boolean;
  /** Each layer's weights are fitted to what the quantized layers before it give, and rounded then; not with channels taken out. */
  sequential: boolean;
  /** By the operator's name in the source model. */
  layers: Record<string, Partial<WeightScheme>>;
}

export const plain: Scheme = {
  bits: 8, asymmetric: false, perTensor: false, scales: 'max', rounding: 'nearest', biasCorrection: false, sparsity: 0,
  activations: 'asymmetric', calibration: 'min-max', pruning: 'weights', scope: 'layer', equalize: false, sequential: false, layers: {},
};

const choices: Partial<Record<keyof Scheme, readonly string[]>> = {
  scales: ['max', 'mse'], rounding: ['nearest', 'gptq'], activations: ['asymmetric', 'symmetric', 'power-of-two'],
  calibration: ['min-max', 'moving-average', 'percentile', 'mse', 'entropy'], pruning: ['weights', 'channels'], scope: ['layer', 'global'],
};
const forLayers: readonly (keyof WeightScheme)[] = ['bits', 'asymmetric', 'perTensor', 'scales', 'rounding', 'biasCorrection', 'sparsity'];

/** Checks one setting. @param where the file, for people */
function check(key: string, value: unknown, where: string): void {
  const fail = (what: string): never => {
    throw new FlintError(`${where}: "${key}" ${what}`);
  };
  if (key === 'bits') {
    if (!Number.isInteger(value) || (value as number) < 2 || (value as number) > 8) fail('should be a whole number from 2 to 8');
  } else if (key === 'sparsity') {
    if (typeof value !== 'number' || !(value >= 0 && value < 1)) fail('should be a number from 0 to less than 1');
  } else {
    const known = choices[key as keyof Scheme];
    if (known) {
      if (!known.includes(value as string)) fail(`should be one of ${known.join(', ')}`);
    } else if (typeof value !== 'boolean') fail('should be true or false');
  }
}

/**
 * A scheme out of JSON or flags: settings not given are int8's plain ones.
 * @throws FlintError naming the setting that is wrong
 */
export function readScheme(json: Record<string, unknown>, where: string): Scheme {
  const layers: Record<string, Partial<WeightScheme>> = {};
  for (const [key, value] of Object.entries(json)) {
    if (key === 'layers') continue;
    if (!(key in plain)) throw new FlintError(`${where}: "${key}" is unknown; known here: ${Object.keys(plain).join(', ')}`);
    check(key, value, where);
  }
  for (const [name, settings] of Object.entries((json.layers ?? {}) as Record<string, Record<string, unknown>>)) {
    for (const [key, value] of Object.entries(settings)) {
      if (!forLayers.includes(key as never)) throw new FlintError(`${where}, layer ${name}: "${key}" is unknown; known here: ${forLayers.join(', ')}`);
      check(key, value, `${where}, layer ${name}`);
    }
    layers[name] = settings;
  }
  const scheme = { ...plain, ...json, layers } as Scheme;
  for (const layer of [scheme, ...Object.values(layers).map((own) => ({ ...scheme, ...own }))])
    if (layer.asymmetric && layer.bits === 8)
      throw new FlintError(`${where}: asymmetric weights take 7 bits or fewer: with 8, what the kernels multiply by would not fit int8`);
  if (scheme.sequential && scheme.pruning === 'channels')
    throw new FlintError(`${where}: "sequential" does not go with channels taken out: the float network has no such layers to fit them to`);
  return scheme;
}

/**
 * The scheme of each layer.
 * @throws FlintError when the scheme names a layer that is not there
 */
export function layerSchemes(scheme: Scheme, layers: { op: string; name: string }[]): Map<string, WeightScheme> {
  for (const name of Object.keys(scheme.layers))
    if (!layers.some((layer) => layer.name === name))
      throw new FlintError(`no layer is named ${name}; there are ${layers.map((layer) => layer.name).join(', ')}`);
  const common = Object.fromEntries(forLayers.map((key) => [key, scheme[key]])) as unknown as WeightScheme;
  return new Map(layers.map(({ op, name }) => [name, { ...common, ...(op === 'depthwiseConv2d' && { sparsity: 0 }), ...scheme.layers[name] }]));
}
