import pc from 'picocolors';
import { expect, test } from 'vitest';
import { tableText } from '../../lib/pipelines/table.ts';
import { reportGithub } from '../../lib/plan/format-github.ts';
import { reportMarkdown } from '../../lib/plan/format-markdown.ts';
import { reportText } from '../../lib/plan/format-text.ts';
import { makePlan } from '../../lib/plan/plan.ts';
import { makeReport } from '../../lib/plan/report.ts';
import { renderNode } from '../../lib/render/render.ts';
import { aContext, aTransform, idOf, LINKS, someTemplates } from '../support/builders.ts';

// What many tasks have in common is told once.

const COUNT = 100;

const many = async (transform: string) => {
  const templates = await someTemplates({ 'profiles/web/transform.toml.hbs': transform });
  const tasks = Array.from({ length: COUNT }, (_, index) =>
    aContext({
      id: idOf(1).replace(/.{4}$/, String(1000 + index)),
      index,
      jobMeta: { nvl_profile: 'web' },
    }),
  );
  return renderNode({
    templates,
    tasks,
    node: {},
    hasSinks: true,
    linksDir: LINKS,
    live: new Map(),
    seats: new Map(),
    carried: new Set(),
    quarantined: new Map(),
  });
};

const reportOf = async (before: string, after: string) => {
  const [live, next] = [await many(before), await many(after)];
  const plan = makePlan({
    rendered: next,
    live: { text: live.text, table: tableText(live.rows) },
    loaded: undefined,
  });
  return makeReport({ plan, live: live.text, ...next, templates: { faults: [], warnings: [] }, backlog: undefined });
};

const lines = (text: string, word: string): string[] => text.split('\n').filter((line) => line.includes(word));

test('a job of many instances is one row and one pipeline, and a long list of components is cut', async () => {
  const made = await reportOf(aTransform('.a = 1'), aTransform('.a = 2'));
  expect(made.counts).toEqual({ tasks: COUNT, pipelines: 1 });
  const [parse] = made.components.changed;
  expect(made.components.changed).toEqual([{ kind: 'transform', id: expect.stringMatching(/^nvl_web_.{8}_parse$/) }]);
  const changed = Array.from({ length: COUNT }, () => parse as NonNullable<typeof parse>);
  const report = { ...made, components: { ...made.components, changed } };
  const text = reportText({ report, colors: pc.createColors(false) });
  expect(text).toContain(`Tasks: 0 added, ${COUNT} changed, 0 removed; ${COUNT} tasks in 1 pipeline.`);
  expect(lines(text, '(profile web)')).toEqual(['  ~ web 0, 1, 2 and 97 more / app (profile web)']);
  expect(text.split('\n').length).toBeLessThan(80);
  expect(lines(text, ' more')).toContain('  ~ 40 more');
  expect(lines(reportMarkdown({ report, diff: '', table: '' }), '`changed`')).toEqual([
    '| `default / shop` | `web 0, 1, 2 and 97 more / app` | `changed` | `web` |  |',
  ]);
});

test('what is refused for one reason is told once, under the first names', async () => {
  const report = await reportOf(aTransform('.a = 1'), aTransform('.a = {{alloc.modifyIndex}}'));
  expect(report.refused.length).toBe(COUNT);
  const text = reportText({ report, colors: pc.createColors(false) });
  const name = (index: number) => `default / shop / web ${index} / app (profile web)`;
  const named = lines(text, name(0));
  expect(named).toEqual([expect.stringContaining(`: ${name(0)}, ${name(1)}, ${name(10)} and 97 more`)]);
  expect(lines(reportMarkdown({ report, diff: '', table: '' }), '- :x:')).toHaveLength(1);
  expect(reportGithub({ report, templatesDir: 't' }).match(/^::error/gm)?.length).toBeLessThanOrEqual(2);
});

test('sources that restart, or are read again, are counted', async () => {
  const report = await reportOf(aTransform('.a = 1'), aTransform('.a = 1'));
  const restarted = Array.from({ length: 4 }, (_, index) => ({ id: `s${index + 1}`, tasks: 10 }));
  const readAgain = restarted.map((one) => ({ ...one, why: 'its fingerprint changes' }));
  const all = { ...report, restarted, readAgain };
  const text = reportText({ report: all, colors: pc.createColors(false) });
  expect(lines(text, '! ')).toEqual([
    '! 4 sources, which read 40 tasks, restart, and a few of their lines may come twice: s1, s2, s3 and s4',
    '! 4 sources would read the files of 40 tasks again from the start: its fingerprint changes: s1, s2, s3 and s4',
  ]);
  expect(lines(reportMarkdown({ report: all, diff: '', table: '' }), 'again from the start')).toHaveLength(1);
  expect(reportGithub({ report: all, templatesDir: 't' }).match(/^::warning/gm)).toHaveLength(2);
});

test('a comment of a pull request can hold it, whatever changes', async () => {
  const report = await reportOf(aTransform('.a = 1'), aTransform('.a = 2'));
  const jobs = Array.from({ length: 5_000 }, (_, index) => ({
    namespace: 'n',
    job: `j${index}`,
    tasks: report.jobs[0]?.tasks ?? [],
  }));
  const markdown = reportMarkdown({
    report: { ...report, jobs },
    diff: '+a line\n'.repeat(100_000),
    table: '+a row\n'.repeat(100_000),
  });
  expect(markdown.length).toBeLessThan(60_000);
  expect(markdown).toContain('and 4900 more rows');
  expect(markdown).toMatch(/# \d+ more lines, which --format json has/);
});
