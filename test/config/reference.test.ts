import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { configReference } from '../../scripts/docs/config-reference.ts';
import { aFolder, loadIn } from './folder.ts';

const page = join(import.meta.dirname, '../../docs/configuration.md');

// `npx vitest run test/config/reference.test.ts -u` writes the page anew.
test('docs/configuration.md is what the schema says', () => expect(configReference()).toMatchFileSnapshot(page));

test('the example of the page is a good configuration', async () => {
  const example = /```yaml\n(.*?)```/s.exec(await readFile(page, 'utf8'))?.[1] ?? '';
  const config = await loadIn(await aFolder({ 'nvl.yaml': example }));
  expect(config.rules).toHaveLength(2);
});

test('every row of its tables has as many cells as the head', () => {
  const rows = configReference()
    .split('\n')
    .filter((line) => line.startsWith('|'));
  expect(new Set(rows.map((line) => line.replaceAll('\\|', '').split('|').length))).toEqual(new Set([8]));
});
