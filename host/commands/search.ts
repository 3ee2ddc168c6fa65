/// <reference types="node" />
import { FlintError } from '../../src/error';
import { modelFormat } from '../import/format';
import type { Flags } from '../recipe/flags';
import { readRecipe } from '../recipe/read';
import { plain, type Scheme, type WeightScheme } from '../recipe/scheme';
import { labelRemarks } from '../recipe/labels';
import { saveQuantization } from '../recipe/save';
import { labelledImages, withOptions } from '../recipe/with-flags';
import { searchRecipe, type Found } from '../search/run';
import { pareto, type Candidate } from '../search/search';
import { checkOutput, writeFile } from '../system/files';
import { progressBar } from '../system/progress';
import { tooFew } from '../evaluate/error';
import { bytes, json, keyLine, print, table, warn } from '../system/terminal';

/** A layer's weights in a table: bits, and the share of zeros. */
const short = ({ bits = 8, sparsity = 0 }: Partial<WeightScheme> = {}): string =>
  sparsity ? `${bits}/${100 * sparsity}%` : String(bits);

const points = (share: number): string => (100 * share).toFixed(2);

/** flint search: the smallest model within a budget of accuracy. */
export async function searchCommand(
  path: string,
  data: string | undefined,
  flags: Flags['search'],
): Promise<void> {
  const { output: _, save, ...options } = flags,
    given = readRecipe(path),
    [modelJson] = given.inputs;
  if (save && !modelJson.endsWith('.json'))
    throw new FlintError(`${path}: --save needs a model.json to write into`);
  const { recipe, labels } = withOptions(given, options),
    source = labelledImages(data, labels, recipe),
    output = flags.output ?? recipe.output,
    maxDrop = flags['max-drop'];
  if (modelFormat(recipe.source) !== 'onnx')
    throw new FlintError(
      `${recipe.source}: only a float .onnx model can be searched: others bring their own weights`,
    );
  checkOutput(output, [...recipe.inputs, source.images, source.labels]);
  if (save) checkOutput(modelJson);
  const found = await searchRecipe(recipe, source, { maxDrop, limit: flags.limit }, progressBar()),
    { scheme, final, floatAccuracy, images, packed, drop } = found,
    special = Object.fromEntries(
      Object.entries(scheme).filter(([key, value]) => value !== plain[key as keyof Scheme]),
    ),
    doubt = tooFew(images, maxDrop, drop.error),
    warnings = [...labelRemarks(recipe.labels), ...found.remarks, ...(doubt ? [doubt] : [])];
  writeFile(output, packed.file);
  if (save) saveQuantization(modelJson, special);
  if (flags.json)
    print(
      json(
        {
          ...{ images, floatAccuracy, accuracy: final.accuracy, drop, maxDrop },
          flashBytes: packed.file.length,
          quantization: special,
          tried: found.candidates.length,
          front: front(found),
          output,
          saved: save ? modelJson : undefined,
          warnings,
        },
        2,
      ),
    );
  else {
    printFound(found, source.images, maxDrop);
    print(keyLine('flash', bytes(packed.file.length)));
    print(
      keyLine(
        'lost',
        `${drop.points.toFixed(2)} points, with a standard error of ${drop.error.toFixed(2)} on ${images} images`,
      ),
    );
    print(`  recipe       "quantization": ${json(special)}`);
    if (save) print(keyLine('saved in', modelJson));
    print(keyLine('written to', output));
  }
  warnings.forEach(warn);
}

/** What no other candidate beats in flash and accuracy, the largest first. */
const front = ({ candidates }: Found): Candidate[] =>
  pareto(candidates).sort((a, b) => b.flashBytes - a.flashBytes);

function printFound(found: Found, source: string, maxDrop: number): void {
  const { best, final, floatAccuracy, layers, images } = found;
  print(`  float        ${points(floatAccuracy)} % of ${images} images of ${source}`);
  const rows = front(found).map((c) => {
    const bits = layers.map((name) => short(c.choice[name])).join(' '),
      remark = c === final ? 'packed' : c === best ? 'chosen' : c.kept ? '' : 'loses too much';
    return [c.flashBytes, points(c.accuracy), points(floatAccuracy - c.accuracy), bits, remark];
  });
  print(table(['flash', 'accuracy %', 'lost', 'bits/zeros', ''], rows));
  if (floatAccuracy - best.accuracy > maxDrop / 100)
    print(`  int8 alone loses more than ${maxDrop} points: no layer was narrowed`);
  if (final !== best) {
    const lost = points(floatAccuracy - final.accuracy);
    print(
      `  in sequence  ${bytes(final.flashBytes)}, ${points(final.accuracy)} %, ${lost} points lost: packed`,
    );
  }
}
