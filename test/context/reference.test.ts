import { expect, test } from 'vitest';
import { contextReference } from '../../scripts/docs/context-reference.ts';

test('docs/context.md says what the schema says', async () => {
  await expect(contextReference()).toMatchFileSnapshot('../../docs/context.md');
});
