/** README's table of operators, made of the operators' own definitions. */
import { operators as hostOperators } from '../../host/operators';
import type { AnyOperator } from '../../host/operators/operator';
import { spelled } from '../../host/import/onnx/decompose';
import { passedOver } from '../../host/import/onnx/converters';

const START = '<!-- npm run generate writes this table -->';
const END = '<!-- end of the table -->';

const names = (list: string[]): string => list.join(', ') || '-';
const keys = (table: object = {}): string[] => Object.keys(table);

/** ONNX has one operator for both convolutions, and one for both resizes; one converter tells them apart. */
const alsoFromOnnx: Record<string, string[]> = { depthwiseConv2d: ['Conv'], resizeBilinear: ['Resize'] };

/** What a device runs, and what becomes it. In a source model constants are no operators. */
function row({ kind, device, onnx, tflite }: AnyOperator): string[] {
  if (!onnx && !tflite) return [names(device), 'constants as operands', 'constants as operands'];
  return [names(device), names(alsoFromOnnx[kind] ?? keys(onnx)), names(keys(tflite))];
}

/** The table in Markdown. */
export function operatorTable(): string {
  const run = hostOperators.filter(({ device }) => device.length),
    folded = hostOperators.filter(({ device }) => !device.length);
  const rows = [
    ['runtime', 'ONNX', 'TFLite'],
    ['---', '---', '---'],
    ...run.map(row),
    [
      '(folded away)',
      names([...folded.flatMap(({ onnx }) => keys(onnx)), ...keys(passedOver)]),
      names(folded.flatMap(({ tflite }) => keys(tflite))),
    ],
    ['(spelled with others)', names([...spelled]), '-'],
  ];
  return rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** A README with this table between its two marks. @throws Error when it has none */
export function withOperatorTable(readme: string): string {
  const [before, rest] = readme.split(START),
    after = rest?.split(END)[1];
  if (after === undefined) throw new Error(`README.md lacks the lines "${START}" and "${END}"`);
  return `${before}${START}\n\n${operatorTable()}\n\n${END}${after}`;
}
