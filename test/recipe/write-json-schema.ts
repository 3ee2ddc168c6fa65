/// <reference types="node" />
/** npm run generate: writes models/model.schema.json anew, after host/recipe/ has changed. */
import { writeFileSync } from 'node:fs';
import { jsonSchema } from '../../host/recipe/json-schema';

writeFileSync('models/model.schema.json', JSON.stringify(jsonSchema(), null, 2) + '\n');
