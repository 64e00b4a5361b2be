import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTemplates, shippedTemplatesDir } from '../../lib/config/read-templates.ts';
import { compileTemplates } from '../../lib/render/templates.ts';
import { renderOf } from '../render/support.ts';
import { aContext, idOf } from '../support/builders.ts';
import { realFiles, samplesWith } from '../support/cross-samples.ts';
import { RENDERED_SINK } from '../support/deliver-rendered.ts';
import { findingsOf } from './support.ts';

// Vector takes all of these: tests of their own hold them to it.

const fixtures = globSync('test/fixtures/*/expected/nomad.toml').sort();
const nodeSinks = globSync('init/*.toml.hbs', { cwd: shippedTemplatesDir() }).sort();

test('there are some', () => {
  expect([fixtures.length, nodeSinks.length]).toEqual([4, 4]);
});

test.each(fixtures)('nothing speaks against %s', (file) => {
  expect(findingsOf(readFileSync(file, 'utf8'))).toEqual([]);
});

test('nothing speaks against the samples, each with a task of its own', async () => {
  const tasks = realFiles().map(({ name }, index) =>
    aContext({
      id: `${index.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
      job: name,
      taskMeta: { nvl_profile: name },
    }),
  );
  const { text, refused } = await renderOf({ templates: await samplesWith(RENDERED_SINK), tasks });
  expect(refused).toEqual([]);
  expect(tasks.length).toBeGreaterThan(25);
  expect(findingsOf(text)).toEqual([]);
});

test.each(nodeSinks)('nothing speaks against a node with the sink %s', async (name) => {
  const files = await readTemplates(undefined);
  const sink = readFileSync(join(shippedTemplatesDir(), name), 'utf8');
  const templates = compileTemplates({
    ...files,
    files: files.files.map((file) => (file.path === 'vector/sink.toml.hbs' ? { ...file, text: sink } : file)),
  });
  const { text, refused } = await renderOf({ templates, tasks: [aContext({ id: idOf(1), task: 'web' })] });
  expect(refused).toEqual([]);
  expect(text).toContain(sink.match(/^\[sinks\.\w+\]/m)?.[0]);
  expect(findingsOf(text)).toEqual([]);
});
