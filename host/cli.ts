/// <reference types="node" />
/** The flint command. What a command needs is imported when it runs: some of it takes a second to start. */
import sade from 'sade';
import { FlintError } from '../src/error';
import { joinNegatives, parsing, readFlags, unknownOption, type Command, type Flags } from './recipe/flags';
import { fileError } from './system/file-error';
import { printError } from './system/terminal';
import { packageVersion } from './system/version';

/** Exit codes: 1, the thing asked for failed; 2, it was asked for wrongly. */
const FAILED = 1,
  MISUSED = 2;

/** Runs a command; what goes wrong is one line on standard error, the stack with FLINT_DEBUG=1. */
async function guarded(work: () => unknown, code = FAILED): Promise<boolean> {
  try {
    await work();
    return true;
  } catch (error) {
    if (!(error instanceof FlintError) || process.env.FLINT_DEBUG) console.error(error);
    else printError(`flint: ${error.message}`);
    process.exitCode = code;
    return false;
  }
}

/** A command: it takes the model, perhaps what to do with it, and the options. */
type Work<F> =
  | ((model: string, flags: F) => unknown)
  | ((model: string, data: string | undefined, flags: F) => unknown)
  | ((model: string, images: string[], flags: F) => unknown);

/** What sade calls with the arguments and the raw options, which are checked before the command begins. */
function action<C extends Command>(command: C, load: () => Promise<Work<Flags[C]>>) {
  return async (...args: unknown[]): Promise<void> => {
    const raw = args.pop() as Record<string, unknown> & { _: string[] };
    let flags: Flags[C] | undefined;
    const right = await guarded(() => {
      flags = readFlags(command, raw);
    }, MISUSED);
    if (!right) return;
    if (command === 'run') args.push(raw._); // any number of images
    await guarded(async () => ((await load()) as (...all: unknown[]) => unknown)(...args, flags));
  };
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // `flint inspect ... | head` ends early, and that is fine
  printError(`flint: ${fileError('standard output', 'written', error).message}`);
  process.exit(FAILED);
});

const program = sade('flint')
  .version(packageVersion())
  .describe('int8 convolutional networks for microcontrollers that run JavaScript');

program
  .command('pack <model>')
  .describe([
    'Pack a trained model for the device.',
    'MODEL is a folder with a model.json, an .onnx file or an int8 .tflite file.',
    'Options lie over what model.json says.',
  ])
  .option('-o, --output', 'File to write (default: device/model.flint in the folder, or beside the file)')
  .option(
    '--rounding',
    'double as TensorFlow Lite Micro, single as ONNX Runtime (default: double; single for QDQ models)',
  )
  .option(
    '--ram',
    'RAM of the device for all that XS holds, in bytes or as 128k: a model that needs more is refused',
  )
  .option(
    '--optimize',
    'Weights that are mostly zero without their zeros: size, balance or speed (default balance)',
  )
  .option('--labels', 'File of labels, one a line')
  .option('--input-size', 'Size of the input image, WIDTHxHEIGHT')
  .option('--color', 'gray, rgb or bgr (default rgb)')
  .option('--mean', 'Taken from pixels 0 to 255; a number or one per channel: 123,117,104 (default 0)')
  .option('--std', 'What pixels are divided by, likewise (default 255)')
  .option('--resize', 'bilinear or nearest (default bilinear)')
  .option('--fit', 'cover: the middle part of the right shape; stretch: all of the image (default cover)')
  .option(
    '--calibration',
    'Folder, IDX or .npy file of calibration images; of more than 512 a sample is taken',
  )
  .option('--bits', 'Width of the weights, 2 to 8 (default 8)')
  .option('--asymmetric', 'Weights with zero points, for widths below 8')
  .option('--per-tensor', 'One scale for all weights of a layer')
  .option('--activations', 'asymmetric, symmetric or power-of-two (default asymmetric)')
  .option('--calibrate', 'Ranges: min-max, moving-average, percentile, mse or entropy (default min-max)')
  .option(
    '--recover',
    'Accuracy, without training: gptq, mse, bias, equalize, sequential, or several with commas',
  )
  .option(
    '--sparsity',
    'Share of the weights to set to zero, or of the channels to take out; depthwise layers are spared',
  )
  .option('--prune', 'weights or channels (default weights)')
  .option(
    '--scope',
    'layer: that share of each layer; global: of all together, more where less is lost (default layer)',
  )
  .option('--eval', "Measure accuracy on the recipe's test images; --no-eval does not (default true)")
  .option('--limit', 'Measure it on the first so many')
  .example('pack models/fashion')
  .example(
    'pack model.tflite -o model.flint --labels labels.txt --input-size 96x96 --color gray --mean 127.5 --std 127.5',
  )
  .action(action('pack', async () => (await import('./commands/pack')).packCommand));

program
  .command('run <model>')
  .describe([
    'Classify images (PNG or JPEG), or run raw tensors.',
    'MODEL is a .flint file or a packed folder; images follow it.',
  ])
  .option('--top', 'How many classes to name (default 1)')
  .option('--input-raw', 'File of concatenated int8 input tensors instead of images')
  .option('--output-raw', 'File for the concatenated int8 output tensors')
  .option('--trace', "Print the CRC-32 of every operator's output")
  .example('run models/fashion models/fashion/samples/*.png')
  .action(action('run', async () => (await import('./commands/run')).runCommand));

program
  .command('eval <model> [data]')
  .describe('Accuracy on labelled images: a folder per class, or IDX or .npy files.')
  .option('--labels', 'IDX or .npy file of labels, for images in an IDX or .npy file')
  .option('--float', "The float .onnx model to compare with (default: the model.json's source)")
  .option('--limit', 'Only the first so many images')
  .option('--confusion', 'Print the confusion matrix')
  .example('eval models/fashion')
  .action(action('eval', async () => (await import('./commands/eval')).evalCommand));

program
  .command('search <model> [data]')
  .describe([
    'Search the smallest model within an accuracy budget.',
    "The width of each layer's weights follows from its sensitivity.",
  ])
  .option('--max-drop', 'Points of accuracy that may be lost against the float model (default 0.5)')
  .option('--labels', 'IDX or .npy file of labels, for images in an IDX or .npy file')
  .option('--limit', 'Measure on the first so many images (default 1000)')
  .option('-o, --output', 'File to write (default: as pack)')
  .example('search models/fashion --max-drop 0.5')
  .action(action('search', async () => (await import('./commands/search')).searchCommand));

program
  .command('report <model> [data]')
  .describe([
    'A page about what quantization did to a model: one HTML file, to open from disk.',
    'MODEL is what pack takes.',
  ])
  .option('-o, --output', 'File to write (default report.html)')
  .option('--labels', 'IDX or .npy file of labels, for images in an IDX or .npy file')
  .option('--limit', 'Only the first so many images')
  .option('--bench', 'What npm run bench -- MODEL --json printed: adds instructions by layer')
  .example('report models/fashion -o report.html')
  .action(action('report', async () => (await import('./commands/report')).reportCommand));

program
  .command('inspect <model>')
  .describe('What a model file holds: layers, memory plan, preprocessing, labels.')
  .option('--json', 'As JSON')
  .action(action('inspect', async () => (await import('./commands/inspect')).inspectCommand));

program
  .command('validate <model>')
  .describe('Check a model file: structure, checksum, golden test.')
  .option('--input-raw', 'Inputs to run as well, concatenated int8 tensors')
  .option('--against', 'Their expected outputs')
  .action(action('validate', async () => (await import('./commands/validate')).validateCommand));

// sade and mri look words up in plain objects, where they also find what every object has.
const inherited = process.argv.slice(2).find((word, i) => {
  const name = word.replace(/^-+(no-)?/, '').split('=')[0];
  return (i === 0 || word.startsWith('-')) && name in Object.prototype;
});
if (inherited) {
  const [command] = process.argv.slice(2),
    help = inherited === command ? 'flint --help' : `flint ${command} --help`;
  printError(`flint: ${inherited} is unknown; ${help} tells what there is`);
  process.exit(MISUSED);
}

// sade ends the process with 1 when it is misused; that code is for work that failed. It returns what the
// command's action returned: a promise, which its types do not tell.
const exit = process.exit.bind(process);
process.exit = (() => exit(MISUSED)) as typeof process.exit;
const { boolean, string } = parsing();
const running: unknown = program.parse(
  [...process.argv.slice(0, 2), ...joinNegatives(process.argv.slice(2))],
  {
    boolean,
    string,
    unknown: (flag) => unknownOption(process.argv[2] ?? '', flag),
  },
);
process.exit = exit;
await running;
