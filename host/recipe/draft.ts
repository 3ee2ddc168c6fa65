/** A model.json for a model, out of what the model shows and what people say. */
import type { ImageInput } from './read';

/** What stands in it. Paths are relative to its folder. */
export interface Draft {
  schema: string;
  source: string;
  /** The image that the model takes; of its mean and std, whether they were read off the int8 scale. */
  input?: Omit<ImageInput, 'mean' | 'std' | 'resize' | 'fit'> & {
    mean: number | number[];
    std: number | number[];
    resize?: ImageInput['resize'];
    fit?: ImageInput['fit'];
    guessed: boolean;
  };
  labels?: string;
  calibration?: string;
  test?: string;
  /** Classes that the model tells apart, as far as its output shows. */
  classes: string;
  isFloat: boolean;
}

/** The lines of comment: JSON has no others, and Flint takes no notice of the key "//". */
function comments({ input, labels, test, classes, isFloat }: Draft): string[] {
  const lines = ['Written by flint init; change what is wrong. Paths start from this folder.'];
  lines.push(`The model's output: ${classes}.`);
  if (input?.guessed)
    lines.push(
      "input.mean and input.std are those with which pixels from 0 to 255 use all of the model's int8 input; check " +
        'them against the preprocessing of the training.',
    );
  else if (input)
    lines.push('The model sees (pixel - mean) / std, for pixels from 0 to 255, as it did in training.');
  else lines.push('The model takes no images: it gets raw int8 tensors.');
  if (input && input.color !== 'gray')
    lines.push('"color" is "bgr" where training read its images with OpenCV.');
  if (!labels) lines.push('"labels": "labels.txt" would give the classes names, one a line.');
  if (isFloat && input)
    lines.push('"calibration" wants a few hundred images like those that the model will see.');
  if (!test)
    lines.push('"test": { "images": "test" } would have accuracy measured, on a folder for each class.');
  lines.push('"ram" may hold the bytes of RAM of the device; flint fit knows those of some boards.');
  return lines;
}

/** As it is written into the file. */
export function draftText(draft: Draft): string {
  const { schema, source, labels, calibration, test } = draft;
  const { guessed: _, ...input } = draft.input ?? { guessed: false };
  const json = {
    $schema: schema,
    '//': comments(draft),
    source,
    labels,
    input: draft.input && input,
    calibration: calibration && { images: calibration },
    test: test && { images: test },
  };
  return JSON.stringify(json, null, 2) + '\n';
}
