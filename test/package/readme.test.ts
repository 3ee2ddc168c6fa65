/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { operators as hostOperators } from '../../host/operators';
import { operators as deviceOperators } from '../../src/operators';
import { operatorTable, withOperatorTable } from './operator-table';

test("README's table of operators is up to date; npm run generate writes it", () => {
  const readme = readFileSync('README.md', 'utf8');
  assert.is(readme, withOperatorTable(readme));
});

test('the table has every operator of the device once', () => {
  const named = hostOperators.flatMap(({ device }) => device);
  assert.equal([...named].sort(), deviceOperators.map(({ name }) => name).sort());
  const firstCells = operatorTable()
    .split('\n')
    .flatMap((line) => line.split(' | ')[0].slice(2).split(', '));
  for (const name of named) assert.is(firstCells.filter((cell) => cell === name).length, 1, name);
});

test('an operator comes into the table by its definition alone', () => {
  assert.match(operatorTable(), /^\| prelu \| PRelu \| PRELU \|$/m);
  assert.match(operatorTable(), /^\| \(folded away\) \| .*Relu.*Identity.* \| RESHAPE, /m);
});

test.run();
