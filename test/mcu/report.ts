/** The bench's figures as tables. */
import { table } from '../../host/system/terminal';
import type { ImageMeasurement } from './image';
import type { Measurement, Operators } from './measure';
import { parts, type CodeSize } from './objects';
import { peers } from './peers';
import type { XtensaMeasurement } from './xtensa';

export interface Results {
  rv32: Measurement[];
  xtensa: XtensaMeasurement[];
  images: ImageMeasurement[];
  code: CodeSize[];
  /** What was left out, and why. */
  notes: string[];
}

const yes = (correct: boolean): string => (correct ? 'yes' : 'NO');

/** Millions, to three digits or so. */
function million(n: number): string {
  const m = n / 1e6;
  return m.toFixed(m < 10 ? 2 : 1);
}

function rv32Table(results: Measurement[]): string {
  const rows = results.map((r) => {
    const peer = r.engine === 'compiled' ? peers[r.model] : undefined;
    return [
      r.model,
      r.engine,
      r.opt,
      million(r.instructions),
      million(r.load),
      million(r.selfTest),
      r.arenaBytes,
      r.ram,
      peer ? peer.tflm.toFixed(1) : '',
      peer ? peer.espNN.toFixed(1) : '',
      peer ? (r.instructions / 1e6 / peer.espNN).toFixed(2) : '',
      yes(r.correct),
    ];
  });
  const head = ['model', 'kernels', 'XS', 'inference', 'load', 'self-test', 'arena', 'RAM'];
  return table([...head, 'TFLM', 'ESP-NN', 'ratio', 'correct'], rows);
}

const xtensaTable = (results: XtensaMeasurement[]): string =>
  table(
    ['model', 'kernels', 'inference', 'load', 'self-test', 'correct'],
    results.map((r) => [
      r.model,
      r.opt,
      million(r.instructions),
      million(r.load),
      million(r.selfTest),
      yes(r.correct),
    ]),
  );

const imageTable = (results: ImageMeasurement[]): string =>
  table(
    ['160 x 120 RGB565 to 96 x 96', 'kernels', 'XS', 'writeImage', 'correct'],
    results.map((r) => [r.color, r.engine, r.opt, million(r.instructions), yes(r.correct)]),
  );

const codeTable = (sizes: CodeSize[]): string =>
  table(
    ['core', 'compiled', ...parts.map((part) => part + '.c'), 'together'],
    sizes.map(({ core, opt, bytes }) => {
      const each = parts.map((part) => bytes[part]);
      return [core, opt, ...each, each.reduce((sum, n) => sum + n)];
    }),
  );

/** Every operator of one model: instructions of each engine side by side. */
function layerTable({ rv32, xtensa }: Results, model: string): string {
  const columns: { title: string; operators: Operators }[] = [
    ...rv32
      .filter((r) => r.model === model)
      .map((r) => ({ title: `${r.engine} ${r.opt}`, operators: r.operators })),
    ...xtensa
      .filter((r) => r.model === model)
      .map((r) => ({ title: `LX106 ${r.opt}`, operators: r.operators })),
  ];
  return table(
    ['operator', ...columns.map(({ title }) => title)],
    columns[0].operators.map(({ name }, i) => [
      name,
      ...columns.map(({ operators }) => operators[i].instructions),
    ]),
  );
}

/** All that was measured, as text. */
export function report(results: Results, layers: boolean): string {
  const { rv32, xtensa, images, code, notes } = results,
    sections: string[] = [];
  const add = (title: string, text: string): void => void sections.push(`${title}\n\n${text}`);
  sections.push(
    'Instructions in millions, batch of one, on emulated cores. They are not cycles on a board: flash caches,\n' +
      'wait states and branches are not modelled. RAM in bytes.',
  );
  add('RV32IMC, through XS; beside it C++ on the same core, -O2', rv32Table(rv32));
  if (xtensa.length) add('Xtensa LX106, the compiled kernels alone', xtensaTable(xtensa));
  add('Preprocessing, RV32IMC, through XS', imageTable(images));
  add('Flash for the compiled code, bytes', codeTable(code));
  if (layers) for (const model of new Set(rv32.map((r) => r.model))) add(model, layerTable(results, model));
  return [...sections, ...notes].join('\n\n');
}
