import { FlintError } from '../../src/error';
import { describe, openModel } from '../file/describe';
import { boardNames, boards, type Board } from '../fit/boards';
import { fitTo, type Fit, type Need } from '../fit/fit';
import type { Flags } from '../recipe/flags';
import { bytes, json, keyLine, print, table } from '../system/terminal';

/** What each need is, and what has to hold it. */
const MEANS: Record<Need['what'], string> = {
  block: 'the arena and the scratch of compiled kernels, in the largest free block',
  RAM: 'all that XS holds, the block among it, in all free memory',
  flash: 'the model, beside the app',
};

/** What helps where something does not fit. */
const HELPS: Record<Need['what'], string> = {
  block: 'a smaller input image, or fewer channels in the first layers',
  RAM: 'a smaller input image, or fewer channels in the first layers',
  flash: 'flint search, --bits 4, or --sparsity',
};

const duration = (ms: number): string =>
  ms < 10 ? `${ms.toFixed(1)} ms` : ms < 1000 ? `${ms.toFixed(0)} ms` : `${(ms / 1000).toFixed(1)} s`;

/** JSON in one line, as people write it. */
const spaced = (text: string): string => text.replaceAll(/[:,{]/g, '$& ').replaceAll('}', ' }');

function fitText(board: Board, fit: Fit, wifi: boolean): string {
  const rows = fit.needs.map(({ what, bytes: own, there, fits }) => [
    what,
    own,
    there,
    fits ? 'fits' : 'DOES NOT FIT',
    MEANS[what],
  ]);
  return [
    keyLine('board', `${board.about}${wifi && board.wifi ? ', Wi-Fi up' : ''}: ${board.source}`),
    ...(board.remark ? [keyLine('', board.remark)] : []),
    '',
    table(['', 'bytes', 'there', '', 'what it is'], rows, ['what it is']),
    '',
    keyLine(
      'time',
      `about ${duration(fit.milliseconds)} an inference, an estimate: ${(fit.instructions / 1e6).toFixed(1)} million ` +
        `instructions of compiled kernels at ${board.clock} MHz, were each a cycle; flash and memory make it longer`,
    ),
    keyLine('manifest', `"creation": ${spaced(json(fit.creation))}`),
    keyLine(
      '',
      "as flint pack writes it beside the model; your app's own objects, a frame of the camera among them, come on top",
    ),
  ].join('\n');
}

/** flint fit: a packed model against a board. */
export function fitCommand(path: string, flags: Flags['fit']): void {
  const about = describe(openModel(path));
  if (!flags.board) {
    const fits = boardNames.map((name) => [name, fitTo(about, boards[name], flags.wifi)] as const);
    if (flags.json) return print(json(Object.fromEntries(fits), 2));
    const rows = fits.map(([name, fit]) => {
      const missing = fit.needs.filter(({ fits }) => !fits).map(({ what }) => what);
      return [
        name,
        missing.length ? `no: ${missing.join(', ')}` : 'fits',
        duration(fit.milliseconds),
        boards[name].about,
      ];
    });
    print(table(['board', `RAM ${bytes(about.ramBytes)}`, 'about, an inference', ''], rows));
    return print('\n  --board NAME tells more; times are estimates from instructions, not measured');
  }
  const board = boards[flags.board],
    fit = fitTo(about, board, flags.wifi);
  if (flags.wifi && !board.wifi) throw new FlintError(`--wifi has no effect: ${board.about} has none here`);
  print(flags.json ? json({ model: path, board: flags.board, ...fit }, 2) : fitText(board, fit, flags.wifi));
  const missing = fit.needs.filter(({ fits }) => !fits);
  if (missing.length)
    throw new FlintError(
      missing
        .map(
          ({ what, bytes: own, there }) =>
            `${path}: ${what} of ${bytes(own)} does not fit ${board.about}, which has ${bytes(there)}; ` +
            `${HELPS[what]} would take less`,
        )
        .join('\n'),
    );
}
