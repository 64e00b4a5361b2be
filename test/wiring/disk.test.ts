import { expect, test } from 'vitest';
import { prepareRoot } from '../../lib/apply/root.ts';
import { diskOf } from '../../lib/wiring/disk.ts';
import { aFolder } from '../commands/support.ts';

test('files that are put back at once are put back one after the other, and the last one is live', async () => {
  const paths = await prepareRoot({ root: `${await aFolder()}/root` });
  const disk = diskOf({ paths, lock: { isHeld: async () => true } });
  const texts = Array.from({ length: 20 }, (_, index) => `# ${'x'.repeat(index * 1_000)}${index}\n`);
  await Promise.all(texts.map((text) => disk.restore(text)));
  expect(await disk.readLive()).toBe(texts.at(-1));
});

test('one that cannot be put back keeps no other from it', async () => {
  const paths = await prepareRoot({ root: `${await aFolder()}/root` });
  const held = [false, true];
  const disk = diskOf({ paths, lock: { isHeld: async () => held.shift() ?? true } });
  const put = await Promise.allSettled([disk.restore('# a\n'), disk.restore('# b\n')]);
  expect(put.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(await disk.readLive()).toBe('# b\n');
});
