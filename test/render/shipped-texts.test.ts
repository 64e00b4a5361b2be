import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { interpolate } from '../../lib/vector/config/interpolate.ts';

const dir = shippedTemplatesDir();

// Even `$.` in a regular expression is one; a dollar sign before a name is written `\u{24}`.
test.each(globSync('**/*.hbs', { cwd: dir }))('%s has nothing that Vector takes for a variable', (file) => {
  const text = readFileSync(join(dir, file), 'utf8');
  expect(interpolate({ text, env: {} })).toEqual({ text, missing: [] });
});
