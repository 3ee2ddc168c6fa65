#!/usr/bin/env node
/// <reference types="node" />
import sade from 'sade';
import { FlintError } from '../src/error';
import { evalCommand } from './commands/eval';
import { inspectCommand } from './commands/inspect';
import { packCommand } from './commands/pack';
import { quantizeCommand } from './commands/quantize';
import { reportCommand } from './commands/report';
import { runCommand, type RunFlags } from './commands/run';
import { validateCommand } from './commands/validate';

/** Exit codes: 1, the thing asked for failed; 2, it was asked for wrongly. */
const FAILED = 1, MISUSED = 2;

/** Runs a command; what goes wrong is one line on standard error, the stack with FLINT_DEBUG=1. */
const guarded = <A extends unknown[]>(work: (...args: A) => void | Promise<void>) => async (...args: A): Promise<void> => {
  try {
    await work(...args);
  } catch (error) {
    if (!(error instanceof FlintError) || process.env.FLINT_DEBUG) console.error(error);
    else console.error(`flint: ${error.message}`);
    process.exitCode = FAILED;
  }
};

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error; // `flint inspect ... | head` ends early, and that is fine
  process.exit(0);
});

const program = sade('flint').version('0.1.0').describe('int8 convolutional networks for microcontrollers that run JavaScript');

program
  .command('pack <model>')
  .describe(['Pack a trained model for the device.', 'MODEL is a folder with a model.json, an .onnx file or an int8 .tflite file.'])
  .option('-o, --output', 'File to write (default: device/model.flint in the folder, or beside the file)')
  .option('--rounding', 'double as TensorFlow Lite Micro, single as ONNX Runtime (default double)')
  .option('--kernels', 'lanes on BigInt, fast; scalar without any allocation (default lanes)')
  .option('--ram', 'RAM of the device for all that XS holds, in bytes or as 128k (default: as much as is of use)')
  .option('--optimize', 'size: least flash; speed: fewest instructions; balance: fast, without zeros where that halves a layer (default balance)')
  .option('--labels', 'File of labels, one a line')
  .option('--input-size', 'Size of the input image, WIDTHxHEIGHT')
  .option('--color', 'gray, rgb or bgr')
  .option('--mean', 'Taken from pixels 0 to 255; a number or one per channel: 123,117,104')
  .option('--std', 'What pixels are divided by, likewise')
  .option('--calibration', 'Folder, IDX or .npy file of calibration images')
  .option('--bits', 'Width of the weights, 2 to 8 (default 8)')
  .option('--asymmetric', 'Weights with zero points, for widths below 8')
  .option('--per-tensor', 'One scale for all weights of a layer')
  .option('--activations', 'asymmetric, symmetric or power-of-two (default asymmetric)')
  .option('--calibrate', 'Ranges: min-max, moving-average, percentile, mse or entropy (default min-max)')
  .option('--recover', 'Accuracy, without training: gptq, mse, bias, equalize, sequential, or several with commas')
  .option('--sparsity', 'Share of the weights to set to zero, or of the channels to take out; depthwise layers are spared')
  .option('--prune', 'weights or channels (default weights)')
  .option('--scope', 'layer: that share of each layer; global: of all together, more where less is lost (default layer)')
  .option('--eval', 'Measure accuracy on the recipe\'s test images; --no-eval does not', true)
  .option('--limit', 'Measure it on the first so many')
  .example('pack models/fashion')
  .example('pack model.tflite -o model.flint --labels labels.txt --input-size 96x96 --color gray --mean 127.5 --std 127.5')
  .action(guarded(packCommand));

program
  .command('run <model>')
  .describe(['Classify images (PNG or JPEG), or run raw tensors.', 'MODEL is a .flint file or a packed folder; images follow it.'])
  .option('--top', 'How many classes to name', 1)
  .option('--input-raw', 'File of concatenated int8 input tensors instead of images')
  .option('--output-raw', 'File for the concatenated int8 output tensors')
  .option('--trace', 'Print the CRC-32 of every operator\'s output')
  .example('run models/fashion models/fashion/samples/*.png')
  .action(guarded((model: string, flags: RunFlags & { _: string[] }) => runCommand(model, flags._, flags)));

program
  .command('eval <model> [data]')
  .describe('Accuracy on labelled images: a folder per class, or IDX or .npy files.')
  .option('--labels', 'IDX or .npy file of labels, for images in an IDX or .npy file')
  .option('--float', 'The float .onnx model to compare with')
  .option('--limit', 'Only the first so many images')
  .option('--confusion', 'Print the confusion matrix')
  .example('eval models/fashion')
  .action(guarded(evalCommand));

program
  .command('quantize <model> [data]')
  .describe('Search the smallest model within an accuracy budget: the width of each layer\'s weights, by its sensitivity.')
  .option('--search', 'Required: what this command does')
  .option('--max-drop', 'Points of accuracy that may be lost against the float model (default 0.5)')
  .option('--labels', 'IDX or .npy file of labels, for images in an IDX or .npy file')
  .option('--limit', 'Measure on the first so many images (default 1000)')
  .option('-o, --output', 'File to write (default: as pack)')
  .example('quantize models/fashion --search --max-drop 0.5')
  .action(guarded(quantizeCommand));

program
  .command('report <model> [data]')
  .describe(['A page about what quantization did to a model: one HTML file, to open from disk.', 'MODEL is what pack takes.'])
  .option('-o, --output', 'File to write (default: report.html)')
  .option('--labels', 'IDX or .npy file of labels, for images in an IDX or .npy file')
  .option('--limit', 'Only the first so many images')
  .option('--bench', 'What npm run bench -- MODEL --json printed: adds instructions by layer')
  .example('report models/fashion -o report.html')
  .action(guarded(reportCommand));

program
  .command('inspect <model>')
  .describe('What a model file holds: layers, memory plan, preprocessing, labels.')
  .option('--json', 'As JSON')
  .action(guarded(inspectCommand));

program
  .command('validate <model>')
  .describe('Check a model file: structure, checksum, golden test.')
  .option('--input-raw', 'Inputs to run as well, concatenated int8 tensors')
  .option('--against', 'Their expected outputs')
  .action(guarded(validateCommand));

// sade ends the process with 1 when it is misused; that code is for work that failed.
const exit = process.exit.bind(process);
process.exit = (() => exit(MISUSED)) as typeof process.exit;
program.parse(process.argv, { unknown: (flag) => `Unknown option: ${flag}` });
process.exit = exit;
