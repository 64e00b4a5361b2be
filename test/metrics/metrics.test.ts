import { expect, test } from 'vitest';
import { gaugesOf, MOST_JOBS } from '../../lib/metrics/gauges.ts';
import { COUNTED, METRICS } from '../../lib/metrics/metrics.ts';
import { createRegistry } from '../../lib/metrics/registry.ts';
import { EMPTY_LOG } from '../../lib/status/cycle-log.ts';
import { makeStatus } from '../../lib/status/make-status.ts';
import type { FaultStatus, NodeStatus } from '../../lib/status/status.ts';
import { aFile, heldFacts, heldFor, NOW } from '../status/support.ts';
import { anAllocation, idOf } from '../support/builders.ts';
import { readPage } from './support.ts';

const fault: FaultStatus = {
  level: 'red',
  kind: 'quarantine',
  about: 'web',
  since: NOW,
  message: 'no',
  said: null,
  advice: null,
};

const pageOf = async (status: NodeStatus) => {
  const registry = createRegistry();
  registry.set(gaugesOf(status));
  return readPage(await registry.text());
};

const valuesOf = (page: Awaited<ReturnType<typeof pageOf>>, name: string) =>
  (page.get(name)?.samples ?? []).map(({ labels, value }) => [...Object.values(labels), value].join(' '));

// What `promtool check metrics` asks for, and the rules of https://prometheus.io/docs/practices/naming/.
test.each(Object.entries(METRICS))('%s is named and told of as Prometheus wants it', (name, metric) => {
  expect(name).toMatch(/^nvl_[a-z]+(?:_[a-z]+)*$/);
  expect(name.endsWith('_total')).toBe(metric.type === 'counter');
  expect(metric.help).toMatch(/^[A-Z].{10,}\.$/);
  expect(name).not.toMatch(/_(?:milliseconds|ms|kilobytes|mib|minutes|percent|count|gauge|counter)(?:_|$)/);
  const hasUnit = /_(?:bytes|seconds|info)(?:_total)?$/.test(name);
  const countsThings = /_(?:tasks|faults|blocks|files|cycles|validations|reloads|errors)(?:_total)?$/.test(name);
  const isYesOrNo = /_(?:up|healthy|ready)$/.test(name);
  expect([hasUnit, countsThings, isYesOrNo].filter(Boolean)).toHaveLength(1);
  const labels: readonly string[] = 'labels' in metric ? metric.labels : [];
  // An allocation or a task would make a series for each that ever ran.
  expect(labels.filter((label) => !/^[a-z]+$/.test(label) || /alloc|task|id|name$/.test(label))).toEqual([]);
});

test('each label has few values: fixed ones, or a bound', () => {
  const bounded = ['nvl_job_unread_bytes', 'nvl_job_safety_seconds', 'nvl_build_info', 'nvl_templates_info'];
  const labelled = Object.entries(METRICS).filter(([name, metric]) => 'labels' in metric && !bounded.includes(name));
  const fixed = ['nvl_tasks', 'nvl_faults', 'nvl_quarantined_blocks', 'nvl_refused_files', ...Object.keys(COUNTED)];
  expect(labelled.map(([name]) => name).sort()).toEqual(fixed.sort());
});

test('a page of a node that is well has all but what is not known, each once, with HELP and TYPE', async () => {
  const held = await heldFor([anAllocation({ job: 'web' })]);
  const [{ id = '' } = {}] = held.seen.tasks;
  const status = makeStatus({ held: { ...held, sample: { at: NOW, files: [aFile({ id, readBytes: 60 })] } } });
  const page = await pageOf(status);
  for (const [name, { type, help }] of Object.entries(METRICS)) expect(page.get(name)).toMatchObject({ type, help });
  expect([...page.keys()].sort()).toEqual(Object.keys(METRICS).sort());
  expect(valuesOf(page, 'nvl_healthy')).toEqual(['1']);
  expect(valuesOf(page, 'nvl_unread_bytes')).toEqual(['40']);
  expect(valuesOf(page, 'nvl_tasks')).toContain('reading 1');
  expect(valuesOf(page, 'nvl_templates_info')).toEqual(['0123456789ab 1']);
  expect(valuesOf(page, 'nvl_job_unread_bytes')).toEqual(['default web 40']);
  expect(valuesOf(page, 'nvl_safety_seconds')).toEqual(['+Inf']);
  expect(valuesOf(page, 'nvl_last_good_list_timestamp_seconds')).toEqual([]);
});

test('counters are there from the start, and count', async () => {
  const registry = createRegistry();
  registry.count('nvl_reloads_total', 'died');
  registry.count('nvl_lost_bytes_total', 'hold', 700);
  const page = readPage(await registry.text());
  for (const [name, values] of Object.entries(COUNTED)) expect(page.get(name)?.samples).toHaveLength(values.length);
  expect(valuesOf(page, 'nvl_reloads_total')).toContain('died 1');
  expect(valuesOf(page, 'nvl_reloads_total')).toContain('reloaded 0');
  expect(valuesOf(page, 'nvl_lost_bytes_total')).toContain('hold 700');
});

test('what is gone is no longer told', async () => {
  const registry = createRegistry();
  const status = makeStatus({
    held: heldFacts({ cycles: { ...EMPTY_LOG, foundFaults: [fault], lastGoodListAt: NOW } }),
  });
  registry.set(gaugesOf(status));
  const before = readPage(await registry.text());
  expect(valuesOf(before, 'nvl_faults')).toEqual(['quarantine red 1']);
  expect(valuesOf(before, 'nvl_healthy')).toEqual(['0']);
  registry.set(gaugesOf({ ...status, faults: [], lastGoodListAt: null }));
  const after = readPage(await registry.text());
  expect(valuesOf(after, 'nvl_faults')).toEqual([]);
  expect(valuesOf(after, 'nvl_healthy')).toEqual(['1']);
  expect(valuesOf(after, 'nvl_last_good_list_timestamp_seconds')).toEqual([]);
});

test('names of jobs are values of labels, whatever they are', async () => {
  const job = 'we"b\\x\n{}';
  const held = await heldFor([anAllocation({ job })]);
  const [{ id = '' } = {}] = held.seen.tasks;
  const status = makeStatus({ held: { ...held, sample: { at: NOW, files: [aFile({ id, readBytes: 60 })] } } });
  const page = await pageOf(status);
  expect(page.get('nvl_job_unread_bytes')?.samples[0]?.labels.job).toBe('we\\"b\\\\x\\n{}');
});

test(`of many jobs ${MOST_JOBS} have series: those with the least safety, then those with the most unread`, async () => {
  const allocations = Array.from({ length: MOST_JOBS + 20 }, (_, n) =>
    anAllocation({ id: `${String(n).padStart(8, '0')}-0000-4000-8000-000000000000`, job: `job-${n}` }),
  );
  const held = await heldFor(allocations);
  const files = held.seen.tasks.map(({ id }, n) => aFile({ id, bytes: 1_000 + n, readBytes: 0 }));
  const slowest = held.seen.tasks[0]?.id ?? '';
  const history = new Map([
    [
      `${slowest}.stdout`,
      [
        { at: 0, index: 0, bytes: 0, total: 0 },
        { at: 1_000, index: 0, bytes: 1_000, total: 1_000 },
      ],
    ],
  ]);
  const page = await pageOf(makeStatus({ held: { ...held, history, sample: { at: NOW, files } } }));
  const jobs = page.get('nvl_job_unread_bytes')?.samples.map(({ labels }) => labels.job) ?? [];
  expect(jobs).toHaveLength(MOST_JOBS);
  expect(jobs.slice(0, 2)).toEqual(['job-0', `job-${MOST_JOBS + 19}`]);
  expect(page.get('nvl_job_safety_seconds')?.samples.map(({ labels }) => labels.job)).toEqual(['job-0']);
});

test('no allocation is named anywhere on the page', async () => {
  const held = await heldFor([anAllocation({ id: idOf(7) })]);
  const registry = createRegistry();
  registry.set(gaugesOf(makeStatus({ held })));
  expect(await registry.text()).not.toContain('77777777');
});
