import { expect, test } from 'vitest';
import { keepTemplates } from '../../lib/daemon/templates-in-use.ts';
import { NvlError } from '../../lib/errors.ts';
import { keptTemplates, keptTemplatesText } from '../../lib/render/kept-templates.ts';
import { wholeOf } from '../../lib/render/last-good.ts';
import { renderOf } from '../render/support.ts';
import { aContext, someTemplates } from '../support/builders.ts';

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

test('a folder that is away from the start is stood in for by what an nvl before kept, as whole as that is', async () => {
  const before = await renderOf({ templates: await someTemplates(), tasks: [aContext()] });
  const whole = keptTemplates(keptTemplatesText(before.sound).text);
  if (whole === undefined) throw new Error('nothing was kept');
  const told: unknown[] = [];
  const inUse = (good: typeof whole) =>
    keepTemplates({
      read: () => Promise.reject(away),
      kept: async () => wholeOf({ good, shipped: { source: undefined, labels: undefined } }),
      onRead: ({ faults, isUnread }) => told.push([faults, isUnread]),
    });
  const after = await renderOf({ templates: await inUse(whole).current(), tasks: [aContext()] });
  expect([after.text, after.rows, after.refused]).toEqual([before.text, before.rows, []]);
  expect(told).toEqual([[[away], true]]);
  for (const less of [{ profiles: new Map() }, { labels: undefined }, { sinks: new Map() }])
    await expect(inUse({ ...whole, ...less }).current()).rejects.toBe(away);
});

test('one that could never be read is an error, each time', async () => {
  const { inUse, read } = kept(() => Promise.reject(away));
  await expect(inUse.current()).rejects.toBe(away);
  await expect(inUse.current()).rejects.toBe(away);
  expect(read).toEqual([]);
});
