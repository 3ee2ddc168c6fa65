/// <reference types="node" />
/** The flint command. What a command needs is imported when it runs: some of it takes a second to start. */
import sade from 'sade';
import { action, FAILED, inheritedWord, MISUSED } from './action';
import { boardNames } from './fit/boards';
import { fitHelp, JSON_OPTION, LABELS, LIMIT, narrowing, OUTPUT, shared } from './recipe/help';
import { joinNegatives, parsing, unknownOption } from './recipe/flags';
import { fileError } from './system/file-error';
import { printError } from './system/terminal';
import { packageVersion } from './system/version';

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0); // `flint inspect ... | head` ends early, and that is fine
  printError(`flint: ${fileError('standard output', 'written', error).message}`);
  process.exit(FAILED);
});

const program = sade('flint')
  .version(packageVersion())
  .describe('int8 convolutional networks for microcontrollers that run JavaScript');

/** Adds options to the command that was begun last. */
function options(...all: Record<string, string>[]): void {
  for (const [name, text] of all.flatMap((some) => Object.entries(some))) program.option(`--${name}`, text);
}

program
  .command('pack <model>')
  .describe([
    'Pack a trained model for the device.',
    'MODEL is a folder with a model.json, or an ONNX or int8 TFLite file.',
    'Options lie over what model.json says.',
  ])
  .option('-o, --output', OUTPUT)
  .option('--labels', 'File of labels, one a line (default: none)');
options(shared, narrowing);
program
  .option('--eval', "Measure accuracy on the recipe's test images; --no-eval does not (default true)")
  .option('--limit', LIMIT)
  .option('--json', JSON_OPTION)
  .example('pack models/fashion')
  .example('pack net.tflite --input-size 96x96 --mean 127.5 --std 127.5')
  .action(action('pack', async () => (await import('./commands/pack')).packCommand));

program
  .command('init <model>')
  .describe([
    'Write a model.json for an .onnx or .tflite file.',
    'Asks on a terminal for what the model does not show.',
  ])
  .option('-o, --output', 'File to write (default: model.json beside the model)');
const { color, resize, fit } = shared;
options({ color, resize, fit });
program
  .option('--mean', 'As of pack (default: read off the int8 scale; of a float model it is asked for)')
  .option('--std', 'Likewise')
  .option('--input-size', 'Size of the input image, WIDTHxHEIGHT (default: what the model takes)')
  .option('--labels', 'File of labels, one a line (default: labels.txt, if it is there)')
  .option(
    '--calibration',
    'Folder, IDX or .npy file of calibration images (default: such a folder, if it is there)',
  )
  .option('--test', 'Folder of test images, a folder for each class (default: such a folder, if it is there)')
  .option('--force', 'Write over a model.json that is there (default: refuse)')
  .example('init net.onnx --mean 0 --std 255 --calibration photos')
  .action(action('init', async () => (await import('./commands/init')).initCommand));

program
  .command('run <model> [images...]')
  .describe([
    'Classify images (PNG or JPEG), or run raw tensors.',
    'MODEL is a .flint file or a packed folder; images or their folders follow.',
    'What cannot be read is told, the rest is run; then the exit code is 1.',
  ])
  .option('--top', 'How many classes to name (default 1)')
  .option('--input-raw', 'File of concatenated int8 input tensors instead of images (default: none)')
  .option('--output-raw', 'File for the concatenated int8 output tensors (default: none)')
  .option('--trace', "Print the CRC-32 of every operator's output (default: not)")
  .option('--json', JSON_OPTION)
  .example('run models/fashion models/fashion/samples/*.png')
  .action(action('run', async () => (await import('./commands/run')).runCommand));

program
  .command('eval <model> [data]')
  .describe([
    'Measure accuracy on labelled images.',
    'They lie in a folder for each class, or in IDX or .npy files.',
    'MODEL is a .flint file or a packed folder.',
  ])
  .option('--labels', 'IDX or .npy file of labels, for images in an IDX or .npy file (default: none)')
  .option('--float', "The float .onnx model to compare with (default: the model.json's source)")
  .option('--limit', LIMIT)
  .option('--confusion', 'Print the confusion matrix (default: not)')
  .option('--json', JSON_OPTION)
  .example('eval models/fashion')
  .action(action('eval', async () => (await import('./commands/eval')).evalCommand));

program
  .command('search <model> [data]')
  .describe([
    'Search the smallest model within an accuracy budget.',
    "The width of each layer's weights follows from its sensitivity.",
    'MODEL is what pack takes.',
  ])
  .option('--max-drop', 'Points of accuracy that may be lost against the float model (default 0.5)')
  .option('--labels', LABELS)
  .option('--limit', 'Measure on the first so many images (default 1000)')
  .option('-o, --output', OUTPUT)
  .option('--save', "Write what was found into the folder's model.json (default: only print it)");
options(shared);
program
  .option('--json', JSON_OPTION)
  .example('search models/fashion --max-drop 0.5')
  .action(action('search', async () => (await import('./commands/search')).searchCommand));

program
  .command('report <model> [data]')
  .describe([
    'Write a page about what quantization did to a model.',
    'It is one HTML file, to open from disk.',
    'MODEL is what pack takes, or a .flint file.',
  ])
  .option('-o, --output', 'File to write (default report.html)')
  .option('--labels', LABELS)
  .option('--limit', LIMIT)
  .option('--float', 'The float .onnx model that a .flint file was made from (default: none, less is told)')
  .option(
    '--bench',
    'What npm run bench -- MODEL --json printed: adds instructions by layer (default: none)',
  );
options(shared, narrowing);
program
  .example('report models/fashion models/fashion/samples -o fashion.html')
  .action(action('report', async () => (await import('./commands/report')).reportCommand));

program
  .command('fit <model>')
  .describe([
    'Hold a packed model against a board.',
    "It tells what the app's manifest should say, too.",
    'MODEL is a .flint file or a packed folder.',
  ])
  .option('--board', `One of ${boardNames.join(', ')} (default: a line for each)`)
  .option('--wifi', 'With Wi-Fi up, which takes half of an ESP32 (default: without)')
  .option('--json', JSON_OPTION)
  .example('fit models/fashion --board esp32')
  .action(action('fit', async () => (await import('./commands/fit')).fitCommand));

const NUMBER = 'Number of the model: devices take only greater ones (default: seconds since 1970)';

program
  .command('mod <model>')
  .describe([
    'Make a mod of a packed model, which mcrun installs.',
    'MODEL is a .flint file or a packed folder, whose samples go along.',
  ])
  .option('-o, --output', 'Folder to write (default: mod beside the model)')
  .example('mod models/fashion')
  .action(action('mod', async () => (await import('./commands/mod')).modCommand));

program
  .command('flash <model>')
  .describe([
    'Make an image of a flash partition with a model in it.',
    'MODEL is a .flint file or a packed folder.',
  ])
  .option('-o, --output', 'File to write (default: the name of the model with .bin)')
  .option('--port', 'Serial port of the board (default: the one that esptool finds)')
  .option('--partitions', "The app's table of partitions (default: dist/device/store/partitions.csv)")
  .option('--number', NUMBER)
  .option('--run', 'Run esptool (default: only print the line)')
  .example('flash models/fashion --port /dev/ttyUSB0 --run')
  .action(action('flash', async () => (await import('./commands/flash')).flashCommand));

program
  .command('sign <model>')
  .describe(['Sign a packed model, to send it over a network.', 'MODEL is a .flint file or a packed folder.'])
  .option('--key', 'File of the key, a manifest that the app includes')
  .option('--new-key', 'Make that file (default: it is there)')
  .option('-o, --output', 'File to write (default: the name of the model with .upload)')
  .option('--number', NUMBER)
  .example('sign models/fashion --key key.json')
  .action(action('sign', async () => (await import('./commands/sign')).signCommand));

program
  .command('inspect <model>')
  .describe(['Tell what a model file holds.', 'Layers, memory plan, preprocessing, labels.'])
  .option('--json', JSON_OPTION)
  .action(action('inspect', async () => (await import('./commands/inspect')).inspectCommand));

program
  .command('validate <model>')
  .describe([
    'Check a model file.',
    'Its structure, its checksum, its self-test; and outputs that are known.',
  ])
  .option('--input-raw', 'Inputs to run as well, concatenated int8 tensors (default: none)')
  .option('--against', 'Their expected outputs (default: none)')
  .option('--json', JSON_OPTION)
  .action(action('validate', async () => (await import('./commands/validate')).validateCommand));

fitHelp(program);

const unknown = inheritedWord(process.argv.slice(2));
if (unknown) {
  printError(`flint: ${unknown}`);
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
