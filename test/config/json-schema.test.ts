import { join } from 'node:path';
import { expect, test } from 'vitest';
import { jsonSchemas } from '../../scripts/docs/json-schema.ts';

// `npx vitest run test/config/json-schema.test.ts -u` writes the files anew.
test.each(Object.entries(jsonSchemas()))('docs/schemas/%s is what the schema says', async (name, schema) => {
  const file = join(import.meta.dirname, '../../docs/schemas', name);
  await expect(`${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot(file);
});
