/** What a model.json may hold: types, defaults, messages and the JSON Schema come from here. */
import * as v from 'valibot';
import { SchemeSchema } from './scheme';
import { choice, count, described, object, text, wholeNumber } from './values';

const side = wholeNumber(1, 32767);

/** A number for all channels of an image, or one for each. */
function channelValues(what: string, schema: v.GenericSchema<number, number>, least: number, most: number) {
  const within = least ? `from ${least} to ${most}` : `of at most ${most}`;
  return v.pipe(
    v.union([schema, v.array(schema)], `should be ${what} or a list with one for each channel`),
    v.check(
      (value) => [value].flat().every((n) => Math.abs(n) >= least && Math.abs(n) <= most),
      `should be ${what} ${within}, for pixels from 0 to 255`,
    ),
  );
}
const number = v.pipe(v.number('should be a number'), v.finite('should be a number'));
const positive = 'should be a positive number';
const positiveNumber = v.pipe(v.number(positive), v.finite(positive), v.gtValue(0, positive));

export const imageSettings = {
  width: described(side, 'Pixels in a row of the image that the model takes.'),
  height: described(side, 'Rows of the image that the model takes.'),
  color: v.optional(described(choice(['gray', 'rgb', 'bgr']), 'Channels of a pixel, in this order.'), 'rgb'),
  mean: v.optional(
    described(
      channelValues('a number', number, 0, 100000),
      'The model sees (pixel - mean) / std, for pixels from 0 to 255. One number, or one for each channel.',
    ),
    0,
  ),
  std: v.optional(
    described(
      channelValues('a positive number', positiveNumber, 0.0001, 1000000),
      'The model sees (pixel - mean) / std, for pixels from 0 to 255. One number, or one for each channel.',
    ),
    255,
  ),
  resize: v.optional(
    described(
      choice(['bilinear', 'nearest']),
      'How images are resized on the device and when the model is packed.',
    ),
    'bilinear',
  ),
  fit: v.optional(
    described(
      choice(['cover', 'stretch']),
      'Images of another shape are cut to the middle (cover), or stretched to the size of the input.',
    ),
    'cover',
  ),
};

const channels = (color: string): number => (color === 'gray' ? 1 : 3);

type Given = v.InferOutput<v.ObjectSchema<typeof imageSettings, undefined>>;

function fitsChannels(key: 'mean' | 'std') {
  const check = v.check(
    ({ color, [key]: value }: Given) => typeof value === 'number' || value.length === channels(color),
    ({ input }) => `should be one number or a list of ${channels(input.color)}`,
  );
  return v.forward(check, [key]);
}

const perChannel = (value: number | number[], color: string): number[] =>
  typeof value === 'number' ? new Array<number>(channels(color)).fill(value) : value;

/** The image that a model takes; mean and std come out with one number for each channel. */
export const ImageInputSchema = v.pipe(
  object(imageSettings),
  fitsChannels('mean'),
  fitsChannels('std'),
  v.transform((input) => ({
    ...input,
    mean: perChannel(input.mean, input.color),
    std: perChannel(input.std, input.color),
  })),
);

const images = {
  images: described(
    text,
    'A folder of PNG or JPEG images (one folder for each class, or flat), an IDX or a .npy file.',
  ),
  labels: v.optional(described(text, 'The classes of images in an IDX or .npy file: such a file too.')),
  count: v.optional(described(count, 'Only the first so many images are used.')),
};

export const modelSettings = {
  $schema: v.optional(described(text, 'Where editors find what a model.json may hold. Flint ignores it.')),
  '//': v.optional(
    described(
      v.union([text, v.array(text)], 'should be a text or a list of texts'),
      'Comments. Flint ignores them.',
    ),
  ),
  name: v.optional(described(text, 'What the model is called. By default the name of its folder.')),
  source: described(
    text,
    'The trained model, an ONNX or a TFLite file. Paths start from the folder of model.json.',
  ),
  labels: v.optional(described(text, 'A text file of the class names, one a line.')),
  input: v.optional(
    described(ImageInputSchema, 'The image that the model takes. Left out where it takes no image.'),
  ),
  calibration: v.optional(
    described(
      object(images),
      'A few hundred images like those that the model will see. The ranges of a float model come from them.',
    ),
  ),
  test: v.optional(described(object(images), 'Labelled images to measure accuracy on.')),
  samples: v.optional(described(text, 'A folder of images that are packed for the device beside the model.')),
  ram: v.optional(
    described(
      wholeNumber(1, 2 ** 30),
      'Bytes of RAM of the device for everything that XS holds. A model that needs more is not packed.',
    ),
  ),
  optimize: v.optional(
    described(
      choice(['size', 'balance', 'speed']),
      'How weights that are mostly zero are stored. size: without zeros wherever that takes fewer bytes; ' +
        'speed: wherever that runs faster; balance: where it runs faster or halves the bytes of a layer.',
    ),
    'balance',
  ),
  rounding: v.optional(
    described(
      choice(['double', 'single']),
      'Arithmetic of the kernels. double: that of TensorFlow Lite Micro, the default; single: that of ONNX ' +
        'Runtime, the default where an .onnx model brings its own scales.',
    ),
  ),
  recover: v.optional(
    described(
      choice(['auto', 'none']),
      'auto: where a float model and its int8 one do not agree on calibration images, and "quantization" names ' +
        'no way of its own to win accuracy back, what helps is found and used. none: that is only told.',
    ),
    'auto',
  ),
  quantization: v.optional(
    described(
      SchemeSchema,
      'How a float model is quantized. By default plain int8, with ranges from min to max.',
    ),
    {},
  ),
};

export const ModelSchema = object(modelSettings);
