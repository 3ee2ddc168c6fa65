/// <reference types="node" />
import sade from 'sade';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  joinNegatives,
  parsing,
  readFlags,
  unknownOption,
  type Command,
  type Flags,
} from '../../host/recipe/flags';
import { refusal } from '../support/refusal';

/** The options of a command line, as the command gets them. */
function read<C extends Command>(command: C, ...argv: string[]): Flags[C] {
  const program = sade('flint').command(`${command} <model>`).option('-o, --output', 'File to write');
  const line = ['node', 'flint', command, 'net.onnx', ...joinNegatives(argv)];
  const { args } = program.parse(line, { ...parsing(), lazy: true })!;
  return readFlags(command, args[1] as unknown as Record<string, unknown>);
}

/** The command line is refused with this one line. */
function fails(command: Command, line: string, message: string): void {
  assert.is(
    refusal(() => read(command, ...line.split(' '))),
    message,
  );
}

/** The settings that a command was given, without those that it leaves open. */
const set = (flags: object): object =>
  Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));

test('commands without options have their defaults', () => {
  assert.equal(set(read('pack')), { eval: true, json: false });
  assert.equal(set(read('run')), { top: 1, trace: false, json: false });
  assert.equal(set(read('eval')), { confusion: false, json: false });
  assert.equal(set(read('search')), { 'max-drop': 0.5, limit: 1000, save: false, json: false });
  assert.equal(set(read('report')), { output: 'report.html' });
  assert.equal(set(read('inspect')), { json: false });
  assert.equal(set(read('validate')), { json: false });
  assert.equal(set(read('init')), { force: false });
  assert.equal(set(read('fit')), { wifi: false, json: false });
});

test('pack takes every option in the shape that a recipe has', () => {
  const line = [
    '-o my.flint --rounding single --ram 128k --optimize size --labels labels.txt --input-size 96x48',
    '--color gray --mean 127.5 --std 1,2,3 --resize nearest --fit stretch --calibration 7 --bits 4',
    '--asymmetric --per-tensor --activations symmetric --calibrate entropy --recover gptq,bias',
    '--sparsity 0.8 --prune channels --scope global --no-eval --limit 100',
  ].join(' ');
  assert.equal(set(read('pack', ...line.split(' '))), {
    output: 'my.flint',
    rounding: 'single',
    ram: 131072,
    optimize: 'size',
    labels: 'labels.txt',
    'input-size': { width: 96, height: 48 },
    color: 'gray',
    mean: 127.5,
    std: [1, 2, 3],
    resize: 'nearest',
    fit: 'stretch',
    calibration: '7',
    bits: 4,
    asymmetric: true,
    'per-tensor': true,
    activations: 'symmetric',
    calibrate: 'entropy',
    recover: ['gptq', 'bias'],
    sparsity: 0.8,
    prune: 'channels',
    scope: 'global',
    eval: false,
    limit: 100,
    json: false,
  });
});

test('--ram is bytes or kilobytes', () => {
  assert.is(read('pack', '--ram', '98304').ram, 98304);
  assert.is(read('pack', '--ram', '96K').ram, 98304);
  fails('pack', '--ram much', '--ram much: a number of bytes or kilobytes as in 128k is needed');
  fails('pack', '--ram 1.5k', '--ram 1.5k: a number of bytes or kilobytes as in 128k is needed');
  fails('pack', '--ram 0', '--ram 0: a whole number from 1 to 1073741824 is needed');
});

test('an option that takes a whole number says so of anything else', () => {
  const needed = 'a whole number of at least 1 is needed';
  for (const command of ['pack', 'eval', 'search', 'report'] as const)
    for (const value of ['abc', '0', '-5', '1.5', '1e999', 'NaN', '-.5', '5x'])
      fails(command, `--limit ${value}`, `--limit ${value}: ${needed}`);
  fails('run', '--top 0', `--top 0: ${needed}`);
  fails('pack', '--bits 9', '--bits 9: a whole number from 2 to 8 is needed');
});

test('other values are checked too, and the line names the option, the value and what it takes', () => {
  fails('pack', '--sparsity 1', '--sparsity 1: a number from 0 to less than 1 is needed');
  fails('pack', '--rounding triple', '--rounding triple: one of double, single is needed');
  fails('pack', '--optimize ram', '--optimize ram: one of size, balance, speed is needed');
  fails('pack', '--prune everything', '--prune everything: one of weights, channels is needed');
  fails('pack', '--input-size 96', '--input-size 96: WIDTHxHEIGHT as in 96x96 is needed');
  fails('pack', '--input-size 96x0', '--input-size 96x0: a whole number from 1 to 32767 is needed');
  for (const mean of ['a', '1,b,3', '1,,3'])
    fails('pack', `--mean ${mean}`, `--mean ${mean}: a number or a list with one for each channel is needed`);
  fails('pack', '--std 0', '--std 0: a positive number is needed');
  fails(
    'pack',
    '--recover gptq,prayer',
    '--recover gptq,prayer: auto, none, or one of gptq, mse, bias, equalize, sequential or several with commas is needed',
  );
  for (const value of ['much', '-1', '101'])
    fails(
      'search',
      `--max-drop ${value}`,
      `--max-drop ${value}: a number of points from 0 to 100 as in 0.5 is needed`,
    );
});

test('a negative value belongs to the option before it', () => {
  assert.is(read('pack', '--mean', '-128').mean, -128);
  assert.equal(read('pack', '--mean', '-1,-2.5,3').mean, [-1, -2.5, 3]);
  assert.equal(joinNegatives(['run', '--trace', '-o', 'a-1', '--top=2', '-3']), [
    'run',
    '--trace',
    '-o',
    'a-1',
    '--top=2',
    '-3',
  ]);
});

test('an option without its value, or given twice, is refused', () => {
  const last = (...argv: string[]): string =>
    refusal(() => read('pack', ...argv, '--bits', '4', '--no-eval'));
  assert.is(last('-o'), '-o needs a value');
  assert.is(last('--limit', '--ram', '9k'), '--limit needs a value');
  assert.is(last('--limit', '5', '--limit', '6'), '--limit is given more than once');
});

test('options without a value do not take the argument behind them for one', () => {
  const program = sade('flint').command('eval <model> [data]');
  const line = ['node', 'flint', 'eval', '--confusion', 'net.flint', '--limit', '5', 'images'];
  const [model, data, flags] = program.parse(line, { ...parsing(), lazy: true })!.args;
  assert.equal([model, data], ['net.flint', 'images']);
  assert.equal(set(readFlags('eval', flags as unknown as Record<string, unknown>)), {
    confusion: true,
    json: false,
    limit: 5,
  });
});

test('an unknown option names the one that was probably meant', () => {
  fails('inspect', '--jsno', '--jsno is unknown to flint inspect; is --json meant?');
  fails('search', '--outptu x', '--outptu is unknown to flint search; is -o meant?');
  fails(
    'pack',
    '--kernels lanes',
    '--kernels is unknown to flint pack; flint pack --help tells what there is',
  );
  assert.is(unknownOption('run', '--tpo'), '--tpo is unknown to flint run; is --top meant?');
  fails('inspect', '-x', '-x is unknown to flint inspect; flint inspect --help tells what there is');
});

test('validate compares outputs with inputs, not one without the other', () => {
  assert.equal(set(read('validate', '--input-raw', 'in', '--against', 'out')), {
    'input-raw': 'in',
    against: 'out',
    json: false,
  });
  fails('validate', '--against out', '--against needs --input-raw, whose outputs it holds');
  fails('validate', '--input-raw in', '--input-raw needs --against, the outputs to compare');
});

test('what mri gives without being told the kinds of options is read too', () => {
  assert.equal(set(readFlags('run', { _: ['a.png'], top: 3, trace: true, 'input-raw': undefined })), {
    top: 3,
    trace: true,
    json: false,
  });
  assert.is(readFlags('pack', { _: [], o: 5, output: 5 }).output, '5');
  const said = (raw: Record<string, unknown>): string => refusal(() => readFlags('pack', { _: [], ...raw }));
  assert.is(said({ o: true, output: true }), '-o needs a value');
  assert.is(said({ o: '', output: '' }), '-o needs a value');
  assert.is(said({ limit: [1, 2] }), '--limit is given more than once');
  assert.is(said({ asymmetric: [true, true] }), '--asymmetric is given more than once');
  assert.is(said({ limit: false }), '--limit cannot be switched off');
  assert.is(
    said({ asymmetric: 'net.onnx' }),
    '--asymmetric takes no value, but net.onnx follows it; put the option last',
  );
});

test('arguments that a command has no use for are refused; run takes them as images', () => {
  assert.is(
    refusal(() => readFlags('pack', { _: ['b.onnx'] })),
    'flint pack does not know what to do with b.onnx',
  );
  assert.is(readFlags('run', { _: ['a.png', 'b.png'] }).top, 1);
});

test.run();
