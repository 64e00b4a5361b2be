import { expect, test } from 'vitest';
import { helpers } from '../../lib/render/helpers.ts';
import { HELPER_DOCS, helpersReference } from '../../scripts/docs/helpers-reference.ts';

test('every helper is told of, and no other', () => {
  expect(Object.keys(HELPER_DOCS)).toEqual(Object.keys(helpers));
});

test('docs/helpers.md says what the code says', async () => {
  await expect(helpersReference()).toMatchFileSnapshot('../../docs/helpers.md');
});
