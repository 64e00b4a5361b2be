import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { MUTATIONS } from '../mutations/promised.ts';

test.each(MUTATIONS)('a mutation fits the sources as they are: $name', ({ file, from, to }) => {
  const text = readFileSync(join(import.meta.dirname, '../..', file), 'utf8');
  expect({ times: text.split(from).length - 1, isChange: from !== to }).toEqual({ times: 1, isChange: true });
});
