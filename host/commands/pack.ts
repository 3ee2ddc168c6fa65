/// <reference types="node" />
import { existsSync, readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { FlintError } from '../../src/error';
import { evaluate } from '../evaluate';
import { elements, type IntParameters, type Node } from '../graph';
import { openImages } from '../images';
import { pack, sampleFile, type Packed } from '../pack';
import { progressBar } from '../progress';
import { readScheme, type Scheme } from '../quantize/scheme';
import { imageInput, readLabels, readRecipe, type Recipe } from '../recipe';
import { bytes, percent, table } from '../table';
import { writeWhole } from '../write';

export interface PackFlags {
  output?: string;
  rounding?: string;
  kernels?: string;
  ram?: string | number;
  optimize?: string;
  labels?: string;
  'input-size'?: string;
  color?: string;
  mean?: string | number;
  std?: string | number;
  calibration?: string;
  bits?: number;
  asymmetric?: boolean;
  'per-tensor'?: boolean;
  activations?: string;
  calibrate?: string;
  recover?: string;
  sparsity?: number;
  prune?: string;
  scope?: string;
  eval?: boolean;
  limit?: number;
}

/** The recipe's scheme with the command line's options over it. */
function schemeOf(recipe: Recipe, flags: PackFlags): Scheme {
  const json: Record<string, unknown> = { ...recipe.quantization }, recoveries = flags.recover ? flags.recover.split(',') : [];
  if (flags.bits !== undefined) json.bits = flags.bits;
  if (flags.asymmetric) json.asymmetric = true;
  if (flags['per-tensor']) json.perTensor = true;
  if (flags.activations) json.activations = flags.activations;
  if (flags.calibrate) json.calibration = flags.calibrate;
  if (flags.sparsity !== undefined) json.sparsity = flags.sparsity;
  if (flags.prune) json.pruning = flags.prune;
  if (flags.scope) json.scope = flags.scope;
  for (const name of recoveries) {
    if (name === 'gptq') json.rounding = 'gptq';
    else if (name === 'mse') json.scales = 'mse';
    else if (name === 'bias') json.biasCorrection = true;
    else if (name === 'equalize') json.equalize = true;
    else if (name === 'sequential') json.sequential = true;
    else throw new FlintError(`--recover ${name}: gptq, mse, bias, equalize, sequential, or several with commas`);
  }
  return readScheme(json, 'the options');
}

/** Command line options lie over what the recipe says. */
function withFlags(recipe: Recipe, flags: PackFlags): Recipe {
  const result = { ...recipe };
  if (flags.labels) result.labels = readLabels(flags.labels);
  if (flags.calibration) result.calibration = { images: flags.calibration };
  const list = (v: string | number): number | number[] => { const n = String(v).split(',').map(Number); return n.length > 1 ? n : n[0]; };
  if (flags['input-size'] || flags.mean !== undefined || flags.std !== undefined || flags.color) {
    const [width, height] = String(flags['input-size'] ?? (recipe.input && `${recipe.input.width}x${recipe.input.height}`) ?? '').split('x').map(Number);
    if (!width || !height) throw new FlintError('--mean, --std and --color need --input-size WIDTHxHEIGHT too');
    result.input = imageInput({
      width, height, color: flags.color ?? recipe.input?.color ?? 'rgb', mean: list(flags.mean ?? recipe.input?.mean.join(',') ?? 0), std: list(flags.std ?? recipe.input?.std.join(',') ?? 255),
    }, 'the options');
  }
  return result;
}

/** 131072 or 128k. */
function bytesOf(text: string | number): number {
  const match = /^(\d+)(k?)$/i.exec(String(text));
  if (!match) throw new FlintError(`--ram ${text}: bytes, or kilobytes as in 128k`);
  return Number(match[1]) * (match[2] ? 1024 : 1);
}

/** Multiply-adds of one inference. */
function macs(node: Node<IntParameters>, packed: Packed): number {
  if (!('parameters' in node)) return 0;
  const out = elements(packed.graph.tensors.get(node.output)!.shape), channels = node.parameters.bias.length;
  return (out / channels) * node.parameters.weights.length;
}

function layerTable(packed: Packed): string {
  const rows = packed.steps.map(({ node, parameterBytes, scratchBytes }, i) => {
    const { shape } = packed.graph.tensors.get(node.output)!,
      parameters = 'parameters' in node ? node.parameters.weights.length + node.parameters.bias.length : 0;
    const kernel = (node.pointwise ? `pointwise, ${node.stripRows} rows` : node.stripRows ? `lanes, ${node.stripRows} rows` : 'scalar') + (node.sparse ? ', sparse' : '');
    return [i, node.op, kernel, node.name, shape.slice(1).join(' x ') || '1', parameters, macs(node, packed), parameterBytes, elements(shape), scratchBytes];
  });
  const sum = (column: number): number => rows.reduce((total, row) => total + (row[column + 1] as number), 0);
  rows.push(['', 'total', '', '', '', sum(4), sum(5), sum(6), '', '']);
  return table(['', 'operator', 'kernel', 'name', 'output', 'parameters', 'MACs', 'flash bytes', 'activation', 'scratch'], rows);
}

export async function packCommand(path: string, flags: PackFlags): Promise<void> {
  const recipe = withFlags(readRecipe(path), flags), output = flags.output ?? recipe.output, rounding = flags.rounding ?? 'double';
  if (rounding !== 'double' && rounding !== 'single') throw new FlintError(`--rounding ${rounding}: double or single`);
  const kernels = flags.kernels ?? 'lanes';
  if (kernels !== 'lanes' && kernels !== 'scalar') throw new FlintError(`--kernels ${kernels}: lanes or scalar`);
  const optimize = flags.optimize ?? 'balance';
  if (optimize !== 'size' && optimize !== 'speed' && optimize !== 'balance') throw new FlintError(`--optimize ${optimize}: size, speed or balance`);
  const ram = flags.ram === undefined ? undefined : bytesOf(flags.ram);
  const progress = progressBar(), packed = await pack(recipe, { scheme: schemeOf(recipe, flags), rounding, kernels, ram, optimize }, progress);
  console.log(layerTable(packed));
  const over = (100 * (packed.arenaBytes / packed.arenaLowerBound - 1)).toFixed(1);
  console.log(`\n  arena        ${bytes(packed.arenaBytes)} of RAM; no plan needs less than ${bytes(packed.arenaLowerBound)} (${over} % above)`);
  console.log(`  RAM          ${bytes(packed.ramBytes)} for all that XS holds on a 32-bit device, the arena included`);
  console.log(`  flash        ${bytes(packed.file.length)}${packed.graph.nodes.some((node) => node.stripRows) ? `; ${bytes(packed.scalarBytes)} on scalar kernels alone` : ''}`);
  if (recipe.input) {
    const { width, height, color, mean, std, resize, fit } = recipe.input;
    console.log(`  image        ${width} x ${height} ${color}, (pixel - ${mean.join('/')}) / ${std.join('/')}, ${fit}, ${resize}`);
  } else console.log('  image        none: the model takes raw int8 tensors; --input-size, --mean and --std would tell how it sees images');
  writeWhole(output, packed.file);
  if (recipe.samples) {
    const samples = openImages({ images: recipe.samples }, recipe.labels);
    for (let i = 0; i < samples.length; i++) writeWhole(join(dirname(output), `sample${i}.image`), sampleFile(await samples.image(i), samples.label(i) ?? 255));
    console.log(`  samples      ${samples.length} images beside it, for the device`);
  }
  if (recipe.test && flags.eval !== false) {
    if (!existsSync(recipe.test.images)) console.log(`  accuracy     not measured: ${recipe.test.images} is not there`);
    else {
      const shape = packed.graph.tensors.get(packed.graph.inputs[0])!.shape,
        float = extname(recipe.source) === '.onnx' ? { onnx: new Uint8Array(readFileSync(recipe.source)), shape } : undefined;
      const limit = flags.limit ?? Infinity,
        result = await evaluate({ file: packed.file.buffer, source: recipe.test, labels: recipe.labels, float, limit }, progress);
      const against = result.floatCorrect === undefined ? '' : `, float ${percent(result.floatCorrect, result.images)}; they agree on ${percent(result.agree!, result.images)}`;
      console.log(`  accuracy     int8 ${percent(result.correct, result.images)}${against} (${result.images} images)`);
    }
  }
  console.log(`  written to   ${output}`);
}
