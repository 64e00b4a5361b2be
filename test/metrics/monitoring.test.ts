import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { COUNTED, METRICS } from '../../lib/metrics/metrics.ts';
import { TASK_STATES } from '../../lib/status/status.ts';
import { projectFolder } from '../support/nvl.ts';
import { readRules } from './watch-alerts.ts';

const read = (file: string): string => readFileSync(join(projectFolder, file), 'utf8');

const rules = readRules();
const dashboard = JSON.parse(read('monitoring/dashboard.json')) as {
  panels: { title: string; targets: { expr: string }[] }[];
  templating: { list: { query: string }[] };
};
const queries = [
  ...dashboard.panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ title, expr }))),
  ...dashboard.templating.list.flatMap(({ query }) =>
    query.includes('nvl_') ? [{ title: 'variable', expr: query }] : [],
  ),
];

/** Labels that Prometheus itself gives each series. */
const TARGET_LABELS = ['instance', 'job'];

/** What is wrong with the names in an expression: metrics that nvl does not have, and labels that they do not have. */
const faultsIn = (expr: string): string[] => {
  const names = [...new Set(expr.match(/\bnvl_\w+/g) ?? [])];
  const unknown = names.filter((name) => !Object.hasOwn(METRICS, name));
  const labelsOf = (name: string): readonly string[] => {
    const metric = METRICS[name as keyof typeof METRICS];
    return metric !== undefined && 'labels' in metric ? metric.labels : [];
  };
  const known = [...TARGET_LABELS, ...names.flatMap(labelsOf)];
  const grouped = [...expr.matchAll(/\b(?:by|on|without)\s*\(([^)]*)\)/g)].flatMap(([, list = '']) =>
    list.split(',').map((one) => one.trim()),
  );
  const selected = [...expr.matchAll(/\b(\w+)\{([^}]*)\}/g)].flatMap(([, name = '', list = '']) =>
    [...list.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].flatMap(([, label = '', how, value = '']) => {
      if (name !== 'up' && ![...TARGET_LABELS, ...labelsOf(name)].includes(label)) return [`${name} has no ${label}`];
      const values = valuesOf({ name, label });
      const asked = how === '=~' || how === '!~' ? value.split('|') : [value];
      return values === undefined
        ? []
        : asked.filter((one) => !values.includes(one)).map((one) => `${label} is never ${one}`);
    }),
  );
  return [
    ...(names.length === 0 && !/\bup\b/.test(expr) ? ['it asks for nothing of nvl'] : []),
    ...unknown.map((name) => `there is no ${name}`),
    ...grouped.filter((label) => !known.includes(label)).map((label) => `nothing has ${label}`),
    ...selected,
  ];
};

const valuesOf = ({ name, label }: { name: string; label: string }): readonly string[] | undefined => {
  if (name === 'nvl_tasks' && label === 'state') return TASK_STATES;
  if (name === 'nvl_faults' && label === 'kind') return KINDS;
  if (name === 'nvl_faults' && label === 'level') return ['red', 'yellow'];
  return TARGET_LABELS.includes(label) ? undefined : (COUNTED as Record<string, readonly string[]>)[name];
};

const KINDS = ['cycle', 'quarantine', 'template', 'delivery', 'ownFiles', 'unread', 'vector', 'take', 'note'];

test.each([
  ['nvl_tasks{state="reading"} > 0', []],
  ['nvl_task > 0', ['there is no nvl_task']],
  ['nvl_tasks{state="read"} > 0', ['state is never read']],
  ['nvl_tasks{kind="x"}', ['nvl_tasks has no kind']],
  ['sum by (code) (nvl_tasks)', ['nothing has code']],
  ['nvl_reloads_total{result=~"died|dead"}', ['result is never dead']],
  ['rate(node_cpu[5m])', ['it asks for nothing of nvl']],
])('what is wrong with %s is found', (expr, faults) => expect(faultsIn(expr)).toEqual(faults));

test.each(rules.map((rule) => [rule.alert, rule] as const))('the alert %s asks for what there is', (_, rule) => {
  expect(faultsIn(rule.expr)).toEqual([]);
  expect(rule.for).toMatch(/^\d+[mh]$/);
  expect(rule.labels.severity).toMatch(/^(critical|warning)$/);
  expect(rule.annotations.summary).toMatch(/\S/);
  // What a summary shows has to be there once the expression has taken labels away.
  const kept = /\bby \(([^)]*)\)/
    .exec(rule.expr)?.[1]
    ?.split(',')
    .map((one) => one.trim());
  for (const [, label = ''] of rule.annotations.summary?.matchAll(/\$labels\.(\w+)/g) ?? [])
    if (kept !== undefined) expect(kept).toContain(label);
});

test('each alert has a section of the runbooks, and each section an alert', () => {
  const titles = [...read('docs/runbooks.md').matchAll(/^## (\w+)$/gm)].map(([, title]) => title);
  expect(titles.sort()).toEqual(rules.map(({ alert }) => alert).sort());
  for (const { alert, annotations } of rules)
    expect(annotations.runbook_url).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
});

test.each(queries)('the dashboard asks for what there is: $title', ({ expr }) => expect(faultsIn(expr)).toEqual([]));

test('each metric that says something is wrong is watched by an alert, or shown', () => {
  const all = [...rules.map(({ expr }) => expr), ...queries.map(({ expr }) => expr)].join('\n');
  const unseen = Object.keys(METRICS).filter((name) => !new RegExp(`\\b${name}\\b`).test(all));
  expect(unseen.sort()).toEqual([
    'nvl_last_cycle_timestamp_seconds',
    'nvl_start_time_seconds',
    'nvl_vector_loaded_timestamp_seconds',
  ]);
});
