import { expect, test } from 'vitest';
import { linkName } from '../../lib/link-name.ts';
import { openTaskPipeline } from '../../lib/preview/task-pipeline.ts';
import { VrlTimestamp } from '../../lib/vrl/values.ts';
import { createVrl } from '../../lib/vrl/vrl.ts';
import { renderOf } from '../render/support.ts';
import { aContext, aTransform, LINKS, someTemplates } from '../support/builders.ts';

test('what another pipeline’s source read of a task’s lines is labelled as its own, whatever its folder is', async () => {
  const context = aContext({ job: 'shop', taskMeta: { nvl_profile: 'web' } });
  const templates = await someTemplates({
    'profiles/web/transform.toml.hbs': aTransform('if .message == "b" { abort }').replace(
      'source =',
      'drop_on_abort = true\nsource =',
    ),
  });
  const rendered = await renderOf({ templates, tasks: [context] });
  const vrl = createVrl();
  const pipeline = await openTaskPipeline({
    rendered,
    stem: context.id,
    linksDir: LINKS,
    vrl,
    readProgram: () => undefined,
  });
  const anEvent = (message: string) => ({
    event: {
      file: `${LINKS}/nvl_another_00000000/${linkName({ stem: context.id, stream: 'stderr', index: 0 })}`,
      message,
      source_type: 'file',
      timestamp: new VrlTimestamp('2026-01-02T03:04:05Z'),
    },
    metadata: {},
    secrets: {},
    lines: [{ file: message, number: 1 }],
  });
  const { events, dropped } = await pipeline.take([anEvent('a'), anEvent('b')]);
  await vrl.close();
  expect(events).toMatchObject([
    { event: { message: 'a', nomad: { job_name: 'shop', stream: 'stderr' } }, lines: [{ file: 'a' }] },
  ]);
  expect(dropped).toMatchObject([{ component: 'parse', event: { event: { message: 'b' } } }]);
});

test('a line without its end in one file of a log is none in the next; other logs go on', async () => {
  const context = aContext({ job: 'shop' });
  const rendered = await renderOf({ templates: await someTemplates({}), tasks: [context] });
  const vrl = createVrl();
  const pipeline = await openTaskPipeline({
    rendered,
    stem: context.id,
    linksDir: LINKS,
    vrl,
    readProgram: () => undefined,
  });
  const push = async (stream: 'stdout' | 'stderr', index: number, text: string) => {
    const { events } = await pipeline.push({ stream, index, bytes: Buffer.from(text) });
    return events.map(({ event }) => event.message);
  };
  expect(await push('stdout', 3, 'one\nbegun')).toEqual(['one']);
  expect(await push('stderr', 0, 'half a ')).toEqual([]);
  expect(await push('stdout', 4, 'new\n')).toEqual(['begun', 'new']);
  expect(await push('stderr', 0, 'line\nlast')).toEqual(['half a line']);
  const { events } = await pipeline.end();
  await vrl.close();
  expect(events.map(({ event }) => event.message)).toEqual(['last']);
});
