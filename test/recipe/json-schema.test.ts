/// <reference types="node" />
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jsonSchema } from '../../host/recipe/json-schema';

interface Schema {
  type?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  [rule: string]: unknown;
}

const schema = jsonSchema() as Schema;

test('models/model.schema.json is what the definition gives; npm run generate writes it', () => {
  assert.equal(
    JSON.parse(readFileSync('models/model.schema.json', 'utf8')),
    JSON.parse(JSON.stringify(schema)),
  );
});

test('every setting is described, and no object takes unknown ones', () => {
  let settings = 0;
  const visit = (path: string, { properties, additionalProperties }: Schema): void => {
    if (properties) assert.is(additionalProperties, false, path);
    else if (typeof additionalProperties === 'object') visit(`${path}.*`, additionalProperties);
    for (const [key, value] of Object.entries(properties ?? {})) {
      assert.ok(value.description, `${path}.${key} is not described`);
      settings++;
      visit(`${path}.${key}`, value);
    }
  };
  visit('model', schema);
  assert.ok(settings > 40, `${settings} settings`);
});

test('limits, choices and defaults are those of the reader', () => {
  const { input, quantization, source, ram } = schema.properties!;
  assert.equal(schema.required, ['source']);
  assert.equal(input.required, ['width', 'height']);
  assert.equal([input.properties!.width.minimum, input.properties!.width.maximum], [1, 32767]);
  assert.equal(input.properties!.color.enum, ['gray', 'rgb', 'bgr']);
  assert.is(input.properties!.std.default, 255);
  assert.is(source.type, 'string');
  assert.is(ram.type, 'integer');
  assert.is(quantization.properties!.sparsity.exclusiveMaximum, 1);
  const layer = quantization.properties!.layers.additionalProperties as Schema;
  assert.equal([layer.properties!.bits.minimum, layer.properties!.bits.default], [2, undefined]);
});

test.run();
