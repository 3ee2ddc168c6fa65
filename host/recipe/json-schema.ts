import { toJsonSchema } from '@valibot/to-json-schema';
import { ModelSchema } from './schema';

/** JSON Schema has no words for checks of several settings together, nor for what is filled in after them. */
const ignoreActions = ['check', 'finite', 'transform'];

/** The JSON Schema of a model.json, for editors; models/model.schema.json holds it. */
export function jsonSchema(): object {
  return {
    title: "A model's recipe for flint pack",
    ...toJsonSchema(ModelSchema, { typeMode: 'output', ignoreActions }),
  };
}
