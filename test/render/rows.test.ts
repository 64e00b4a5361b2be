import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { TaskContext } from '../../lib/context/context.ts';
import { readTable, tableText } from '../../lib/pipelines/table.ts';
import { strings } from '../safe/support/values.ts';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { refusedIn, renderOf, rowOf } from './support.ts';

// What a job calls itself is a cell of its row, byte by byte. Of the generated file it is no part.

const called = (name: string, meta: Record<string, string> = {}): TaskContext => {
  const task = aContext({ id: idOf(7) });
  return {
    ...task,
    namespace: name,
    job: { ...task.job, id: name, name },
    group: { ...task.group, name },
    task: { ...task.task, name },
    meta: { ...task.meta, ...meta },
  };
};

const whole = strings.filter((value) => value.isWellFormed());

test.each(whole.map((value) => [value]))('a job called %j changes no byte of the file', async (value) => {
  const templates = await someTemplates();
  const plain = await renderOf({ templates, tasks: [called('plain')] });
  const task = called(value);
  const rendered = await renderOf({ templates, tasks: [task] });
  expect(rendered.text).toBe(plain.text);
  expect(refusedIn(rendered)).toEqual([]);
  expect(Object.values(rowOf(rendered, task)?.cells ?? {})).toEqual([value, 'node-1', value, value, value, idOf(7)]);
});

test('nor does any other text, and its row comes back from the table as it was', async () => {
  const templates = await someTemplates();
  const { text } = await renderOf({ templates, tasks: [called('plain')] });
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'grapheme', maxLength: 60 }), async (value) => {
      const rendered = await renderOf({ templates, tasks: [called(value)] });
      expect(rendered.text).toBe(text);
      const [row] = rendered.rows;
      const cells = Object.entries(row?.cells ?? {}).filter(([, cell]) => cell !== '');
      expect(readTable(tableText(rendered.rows))).toEqual({ rows: [{ ...row, cells: Object.fromEntries(cells) }] });
    }),
    { numRuns: 60 },
  );
});

test('half a surrogate pair, which no text of Vector can hold, leaves out its task alone, by name', async () => {
  const [half, good] = [called('\ud800'), aContext()];
  const rendered = await renderOf({ tasks: [half, good] });
  expect(refusedIn(rendered)).toMatchObject([{ key: half.id, instead: 'nothing' }]);
  expect(rendered.rows.map(({ stem }) => stem)).toEqual([good.id]);
  expect(() => tableText(rendered.rows)).not.toThrow();
});

const PROFILE = { 'profiles/mine/transform.toml.hbs': aTransform() };

test('labels of a team’s own are a row as well, in text, as numbers and as maps; what stands outside their program is not', async () => {
  const templates = await someTemplates({
    ...PROFILE,
    'vector/labels.toml.hbs': `[transforms.{{id}}_out]
type = "remap"
inputs = ["{{input}}"]
source = '''
.nomad = {
  "where": "{{namespace}}/{{job.id}}",
  "index": {{alloc.index}},
  "meta": {{meta}},
  "same": "{{job.id}}",
}
'''
`,
  });
  const tasks = ['"; evil = 1', '{{ x }}'].map((value, at) => ({
    ...called(value, { nvl_profile: 'mine', key: value }),
    profile: 'mine',
    id: `nvl_7777777${at}_x_77777777`,
  }));
  const rendered = await renderOf({ templates, tasks });
  expect(refusedIn(rendered)).toEqual([]);
  expect(new Set(rendered.rows.map(({ pipeline }) => pipeline)).size).toBe(1);
  for (const [at, task] of tasks.entries()) {
    const value = ['"; evil = 1', '{{ x }}'][at] ?? '';
    const [namespace, job, index, meta] = Object.values(rowOf(rendered, task)?.cells ?? {});
    expect([namespace, job, index, JSON.parse(meta ?? '')]).toEqual([
      value,
      value,
      '0',
      { nvl_profile: 'mine', key: value },
    ]);
    expect(rendered.text).not.toContain(value);
  }
});
