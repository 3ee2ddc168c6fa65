/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { converters as onnx } from '../host/onnx/operators';
import { converters as tflite } from '../host/tflite/operators';
import { operatorNames } from '../src/format';

test('the README\'s table of operators is what the importers and the runtime have', () => {
  const text = readFileSync('README.md', 'utf8'), begin = text.indexOf('| runtime | ONNX | TFLite |');
  const rows = text.slice(begin, text.indexOf('\n\n', begin)).split('\n').slice(2).map((row) => row.split('|').slice(1, 4).map((cell) => cell.trim()));
  const names = (column: number): string[] => [...new Set(rows.flatMap((row) => row[column].split(', ')).filter((name) => /^\w+$/.test(name)))].sort();
  assert.equal(names(0), operatorNames.filter(Boolean).sort());
  assert.equal(names(1), Object.keys(onnx).sort());
  // DEQUANTIZE has no converter: it is taken away at the edges before the converters are asked.
  assert.equal(names(2), [...Object.keys(tflite), 'DEQUANTIZE'].sort());
});

test.run();
