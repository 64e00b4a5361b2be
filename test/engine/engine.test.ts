import { stringify } from 'smol-toml';
import { afterAll, expect, test } from 'vitest';
import { createEngine } from '../../lib/engine/engine.ts';
import { createVrlPool } from '../../lib/vrl/vrl-pool.ts';

const vrl = createVrlPool({ limitMs: 60_000, threads: 1 });

afterAll(() => vrl.close());

const anEngine = (transforms: Record<string, Record<string, unknown>>, source: Record<string, unknown> = {}) =>
  createEngine({
    text: stringify({
      sources: { in: { type: 'file', include: ['/a.log'], ...source } },
      transforms: Object.fromEntries(Object.entries(transforms).map(([id, one]) => [id, { inputs: ['in'], ...one }])),
    }),
    vrl,
  });

const A_LOG = '/a.log';

test('a file of hundreds of thousands of lines comes through', async () => {
  const engine = anEngine({ all: { type: 'reduce', merge_strategies: { message: 'longest_array' } } });
  const bytes = Buffer.from('x\n'.repeat(200_000));
  const { outputs } = await engine.push([{ path: A_LOG, bytes }]);
  expect(outputs.get('in')?.length).toBe(200_000);
  const { outputs: released } = await engine.release();
  expect(released.get('all')?.[0]?.lines.length).toBe(200_000);
});

test('an array of hundreds of thousands of values is as many events', async () => {
  const engine = anEngine(
    { out: { type: 'remap', source: '. = parse_json!(.message)' } },
    { max_line_bytes: 10_000_000 },
  );
  const { outputs } = await engine.push([{ path: A_LOG, bytes: Buffer.from(`[${'1,'.repeat(299_999)}1]\n`) }]);
  expect(outputs.get('out')?.length).toBe(300_000);
});

test('each event tells the lines it was made of', async () => {
  const engine = anEngine({
    out: { type: 'reduce', merge_strategies: { message: 'array' }, ends_when: '.message == "end"' },
  });
  const { outputs } = await engine.push([{ path: A_LOG, bytes: Buffer.from('a\nb\nend\nc\n') }]);
  expect(outputs.get('out')?.map(({ lines }) => lines.map(({ number }) => number))).toEqual([[1, 2, 3]]);
});

test('what the compiler refuses is told by its component', async () => {
  const engine = anEngine(
    { good: { type: 'filter', condition: 'true' }, bad: { type: 'remap', source: '.a = no_such()' } },
    { multiline: { start_pattern: '(', condition_pattern: 'a', mode: 'halt_with' } },
  );
  const refused = await engine.check();
  expect(refused.map(({ kind, component }) => `${kind} ${component}`)).toEqual(['source in', 'transform bad']);
  expect(refused.map(({ text }) => text.trim().split('\n', 1)[0])).toEqual([
    expect.stringContaining('error'),
    expect.stringContaining('error[E105]: call to undefined function'),
  ]);
});

test('what was dropped is told with its reason', async () => {
  const engine = anEngine({
    parse: { type: 'remap', drop_on_error: true, source: '.n = to_int!(.message)' },
    keep: { type: 'filter', condition: '.message == "1"' },
    few: { type: 'sample', rate: 10 },
  });
  const { dropped } = await engine.push([{ path: A_LOG, bytes: Buffer.from('1\nx\n') }]);
  expect(dropped.map(({ component, why, event }) => [component, event.event.message, why])).toEqual([
    ['parse', 'x', expect.stringContaining('error: function call error for "to_int"')],
    ['keep', 'x', 'it does not fulfil the condition'],
    ['few', 'x', 'sampled out'],
  ]);
});

test('a component whose program takes too long fails alone', async () => {
  const hasty = createVrlPool({ limitMs: 1, threads: 1 });
  const engine = createEngine({
    text: stringify({
      sources: { in: { type: 'file', include: [A_LOG] } },
      transforms: {
        slow: { type: 'remap', inputs: ['in'], source: '.hash = sha3(.message) ?? ""' },
        behind: { type: 'filter', inputs: ['slow'], condition: { type: 'is_log' } },
        beside: { type: 'filter', inputs: ['in'], condition: { type: 'is_log' } },
      },
    }),
    vrl: hasty,
  });
  try {
    const { outputs, failed } = await engine.push([{ path: A_LOG, bytes: Buffer.from('x\n'.repeat(20_000)) }]);
    expect(failed.map(({ component, error }) => [component, error.code])).toEqual([['slow', 'vrlLate']]);
    expect([outputs.get('behind'), outputs.get('beside')?.length]).toEqual([undefined, 20_000]);
  } finally {
    await hasty.close();
  }
});
