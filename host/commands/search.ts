/// <reference types="node" />
import { extname } from 'node:path';
import { FlintError } from '../../src/error';
import type { Flags } from '../recipe/flags';
import { readRecipe } from '../recipe/read';
import { plain, type Scheme, type WeightScheme } from '../recipe/scheme';
import { labelledImages } from '../recipe/with-flags';
import { searchRecipe } from '../search/run';
import { pareto } from '../search/search';
import { checkOutput, writeFile } from '../system/files';
import { progressBar } from '../system/progress';
import { bytes, json, print, table } from '../system/terminal';

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
  const recipe = readRecipe(path),
    source = labelledImages(data, flags.labels, recipe),
    output = flags.output ?? recipe.output,
    maxDrop = flags['max-drop'];
  if (extname(recipe.source) !== '.onnx')
    throw new FlintError(
      `${recipe.source}: only a float .onnx model can be searched: others bring their own weights`,
    );
  checkOutput(output, [...recipe.inputs, source.images, source.labels]);
  const { scheme, best, final, candidates, floatAccuracy, layers, images, packed } = await searchRecipe(
    recipe,
    source,
    { maxDrop, limit: flags.limit },
    progressBar(),
  );
  print(`  float        ${points(floatAccuracy)} % of ${images} images of ${source.images}`);
  const front = pareto(candidates).sort((a, b) => b.flashBytes - a.flashBytes);
  const rows = front.map((c) => {
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
  writeFile(output, packed.file);
  const special = Object.fromEntries(
    Object.entries(scheme).filter(([key, value]) => value !== plain[key as keyof Scheme]),
  );
  print(`  flash        ${bytes(packed.file.length)}`);
  print(`  recipe       "quantization": ${json(special)}`);
  print(`  written to   ${output}`);
}
