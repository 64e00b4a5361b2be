import { expect, test } from 'vitest';
import { keepTemplates } from '../../lib/daemon/templates-in-use.ts';
import { NvlError } from '../../lib/errors.ts';
import { someTemplates } from '../support/builders.ts';

const away = new NvlError('templateInvalid', { message: 'the folder is away' });

/** Templates that are read by the next step each time: what it gives, or throws. */
const kept = (...steps: (() => ReturnType<typeof someTemplates>)[]) => {
  const read: boolean[] = [];
  const inUse = keepTemplates({
    read: async () => (steps.length > 1 ? steps.shift() : steps[0])?.() ?? someTemplates(),
    onRead: ({ isUnread }) => read.push(!isUnread),
  });
  return { inUse, read };
};

test('templates are read once, and again after an edit', async () => {
  const { inUse, read } = kept(() => someTemplates());
  const first = await inUse.current();
  expect(await inUse.current()).toBe(first);
  inUse.markStale();
  await inUse.current();
  expect(read).toEqual([true, true]);
});

test('an edit while they are read is not forgotten', async () => {
  const { inUse, read } = kept(() => {
    if (read.length === 0) inUse.markStale();
    return someTemplates();
  });
  await inUse.current();
  await inUse.current();
  await inUse.current();
  expect(read).toEqual([true, true]);
});

test('a folder that is away keeps what is in use, and is tried at each cycle', async () => {
  const gone = () => Promise.reject(away);
  const { inUse, read } = kept(someTemplates, gone, gone, someTemplates);
  await inUse.current();
  inUse.markStale();
  expect((await inUse.current()).profiles.size).toBeGreaterThan(0);
  await inUse.current();
  await inUse.current();
  await inUse.current();
  expect(read).toEqual([true, false, false, true]);
});

test('one that could never be read is an error, each time', async () => {
  const { inUse, read } = kept(() => Promise.reject(away));
  await expect(inUse.current()).rejects.toBe(away);
  await expect(inUse.current()).rejects.toBe(away);
  expect(read).toEqual([]);
});
