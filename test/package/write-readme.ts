/// <reference types="node" />
/** npm run generate: writes README's table of operators anew, after host/operators/ has changed. */
import { readFileSync, writeFileSync } from 'node:fs';
import { withOperatorTable } from './operator-table';

writeFileSync('README.md', withOperatorTable(readFileSync('README.md', 'utf8')));
