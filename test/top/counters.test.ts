import { expect, test } from 'vitest';
import { linkName } from '../../lib/link-name.ts';
import { usesBetween } from '../../lib/top/counters.ts';
import { samplesIn } from '../../lib/vector/process/samples.ts';

// Lines as Vector 0.57 wrote them.
const labels = (more: Record<string, string>) =>
  Object.entries({ host: 'vm', ...more })
    .map(([name, value]) => `${name}="${value}"`)
    .join(',');
const line = (metric: string, value: number, more: Record<string, string>) =>
  `vector_${metric}{${labels(more)}} ${value} 1795837756062`;
const SOURCE = { component_id: 'nvl_default_6a817e17', component_kind: 'source', component_type: 'file' };
const OUT = { component_id: 'nvl_default_6a817e17_out', component_kind: 'transform', component_type: 'remap' };
const SINK = { component_id: 'loki', component_kind: 'sink', component_type: 'loki' };
const file = (index: number, stem = 'nvl_1a2b3c4d_server_abcdef12') =>
  `/root/links/nvl_default_6a817e17/${linkName({ stem, stream: 'stdout', index })}`;

const between = (before: readonly string[], after: readonly string[]) =>
  usesBetween({ before: samplesIn(before.join('\n')), after: samplesIn(after.join('\n')) });

test('counters that moved, by component; a histogram of the same component is none of them', () => {
  const uses = between(
    [line('component_sent_events_total', 100, SOURCE), line('component_received_bytes_total', 1_000, SOURCE)],
    [
      line('component_sent_events_total', 160, SOURCE),
      line('component_received_bytes_total', 1_900, SOURCE),
      line('source_lag_time_seconds_bucket', 7, { ...SOURCE, le: '0.5' }),
      line('component_discarded_events_total', 5, { ...OUT, intentional: 'true' }),
      line('component_discarded_events_total', 3, { ...OUT, intentional: 'false' }),
      line('component_errors_total', 3, { ...OUT, error_type: 'conversion_failed', stage: 'processing' }),
      line('component_cpu_usage_ns_total', 2_000_000, OUT),
      line('component_received_events_total', 52, SINK),
      line('component_received_bytes_total', 9_999, SINK),
      line('component_sent_bytes_total', 640, { ...SINK, protocol: 'http' }),
      'vector_started_total 1',
    ],
  );
  expect([...uses.values()]).toEqual([
    expect.objectContaining({ id: SOURCE.component_id, kind: 'source', sent: 60, bytes: 900, tasks: undefined }),
    expect.objectContaining({
      id: OUT.component_id,
      dropped: { meant: 5, failed: 3 },
      errors: 3,
      cpuNs: 2_000_000,
    }),
    expect.objectContaining({ id: 'loki', kind: 'sink', received: 52, bytes: 640, cpuNs: undefined }),
  ]);
});

test('the files of a task are counted together, of both streams and of each rotation', () => {
  const of = (name: string, count: number) => [
    line('component_received_events_total', count, { ...SOURCE, file: name }),
    line('component_received_bytes_total', count * 10, { ...SOURCE, file: name, protocol: 'file' }),
  ];
  const other = file(0, 'nvl_99999999_db_00000000');
  const uses = between([...of(file(0), 5), ...of(other, 1)], [...of(file(0), 9), ...of(file(1), 2), ...of(other, 1)]);
  expect(uses.get(SOURCE.component_id)).toMatchObject({ received: 6, bytes: 60 });
  expect(uses.get(SOURCE.component_id)?.tasks).toEqual(
    new Map([
      ['nvl_1a2b3c4d_server_abcdef12', { lines: 6, bytes: 60 }],
      ['nvl_99999999_db_00000000', { lines: 0, bytes: 0 }],
    ]),
  );
});

test.each([
  ['the name of no link', '/root/links/p/readme.txt'],
  ['a name with signs that Prometheus escapes', '/root/links/p/a\\"b\\\\c\\nd'],
])('a file that is %s is of no task, and still counts', (_, name) => {
  const uses = between([], [line('component_received_events_total', 4, { ...SOURCE, file: name })]);
  expect(uses.get(SOURCE.component_id)).toMatchObject({ received: 4, tasks: new Map() });
});

test('a counter that is smaller counts anew, and one that was not there counts from nothing', () => {
  const uses = between(
    [line('component_sent_events_total', 100, SOURCE)],
    [line('component_sent_events_total', 7, SOURCE), line('component_sent_events_total', 3, OUT)],
  );
  expect([uses.get(SOURCE.component_id)?.sent, uses.get(OUT.component_id)?.sent]).toEqual([7, 3]);
});

test('the same labels in another order are the same counter', () => {
  const before = 'vector_component_sent_events_total{component_id="a",component_kind="source",host="vm"} 5';
  const after = 'vector_component_sent_events_total{host="vm",component_kind="source",component_id="a"} 8';
  expect(between([before], [after]).get('a')?.sent).toBe(3);
});
