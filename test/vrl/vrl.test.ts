import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { NvlError } from '../../lib/errors.ts';
import { vrlModuleFile } from '../../lib/vrl/module-file.ts';
import { type VrlObject, VrlRegex, VrlTimestamp, type VrlValue } from '../../lib/vrl/values.ts';
import { createVrl, type VrlProgram } from '../../lib/vrl/vrl.ts';
import { ENDLESS } from '../support/endless.ts';

const vrl = createVrl({ limitMs: 30_000 });
afterAll(() => vrl.close());

const program = (source: string, more: Partial<VrlProgram> = {}): VrlProgram => ({ name: 'web', source, ...more });

/** What a program makes of one event. */
const eventOf = async (source: string, event: VrlObject = {}): Promise<VrlValue> => {
  const { verdict, results } = await vrl.run(program(source), [{ event }]);
  const [result] = results;
  if (result?.kind !== 'done') throw new Error(`${verdict.text}${result?.error}`);
  return result.event;
};

const codeOf = async (promise: Promise<unknown>): Promise<{ code: string; facts: object }> => {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof NvlError)) throw new Error(`no error of nvl: ${error}`);
  return { code: error.code, facts: error.facts };
};

const codeOfThrown = (thrown: unknown): string => (thrown instanceof NvlError ? thrown.code : String(thrown));

test('it says which VRL it has, and what cannot work in it', async () => {
  const { vrl: version, unavailable } = await vrl.version();
  expect(version).toBe('0.34.0');
  expect(unavailable.dns_lookup).toBe('it needs the network');
});

test.each<[string, VrlValue]>([
  ['null, booleans and texts', [null, true, 'ä\u{1f600}\0']],
  ['a large integer', 9007199254740993n],
  ['the ends of 64 bits', [9223372036854775807n, -9223372036854775808n]],
  ['a whole float, and what is no fraction', [1, -0, 1e21, Number.POSITIVE_INFINITY]],
  ['a float to its last digit', [0.1, 5e-324, 1.7976931348623157e308, 123456.789]],
  ['a time to the nanosecond', new VrlTimestamp('2026-01-02T03:04:05.123456789Z')],
  ['a time in another era', new VrlTimestamp('@253402300800.000000001')],
  ['a pattern', new VrlRegex('a+')],
  ['bytes that are no UTF-8', new Uint8Array([255, 0, 254])],
  ['keys that look like tags', { $ts: 'x', $obj: { $int: '1' }, a: { $x: 1n } }],
  ['a key that JavaScript has plans for', JSON.parse('{"__proto__":"x","constructor":"y"}') as VrlObject],
  ['nothing', [{}, []]],
])('a value comes back as it went in: %s', async (_, value) => {
  expect(await eventOf('.b = .a', { a: value })).toEqual({ a: value, b: value });
});

test('what a program makes of JSON keeps its numbers', async () => {
  expect(await eventOf('. = parse_json!(.m)', { m: '{"a":1,"b":1.0,"c":9007199254740993}' })).toEqual({
    a: 1n,
    b: 1,
    c: 9007199254740993n,
  });
});

test('a refused program is told as Vector tells it', async () => {
  const verdict = await vrl.check(program('.a = nope(.b)'));
  expect(verdict.ok).toBe(false);
  expect(verdict.diagnostics).toMatchObject([{ code: 105, labels: [{ start: 5, end: 9, isPrimary: true }, {}] }]);
  expect(verdict.text).toContain('error[E105]: call to undefined function');
  expect((await vrl.run(program('.a = nope(.b)'), [{ event: {} }])).results).toEqual([]);
});

test('an accepted program tells what it may do', async () => {
  expect(await vrl.check(program('.a = to_int!(.b)\nif .a == 1 { abort }'))).toMatchObject({
    ok: true,
    isFallible: true,
    isAbortable: true,
    writes: ['.a'],
  });
});

test('a condition is a boolean, and changes nothing', async () => {
  const condition = (source: string) => vrl.check(program(source, { kind: 'condition' }));
  expect((await Promise.all(['.a == 1', '.a', '.a = 1; true'].map(condition))).map(({ ok }) => ok)).toEqual([
    true,
    false,
    false,
  ]);
});

test('each event has a result, also one that ends the program', async () => {
  const source = 'if .a == 2 { abort "two" }\n.b = to_int!(.a)';
  const { results } = await vrl.run(
    program(source),
    [1n, 2n, 'x'].map((a) => ({ event: { a } })),
  );
  expect(results).toMatchObject([
    { kind: 'done', event: { a: 1n, b: 1n } },
    { kind: 'abort', droppedMessage: 'two' },
    { kind: 'error', error: expect.stringContaining('function call error for "to_int"') },
  ]);
});

test('metadata, the time, the zone and the last value', async () => {
  const source = '%b = %a\n.t = parse_timestamp!("2020-07-01 12:00:00", "%F %T")\n.n = now()\n"last"';
  const { results } = await vrl.run(program(source), [{ event: {}, metadata: { a: 1n } }], {
    timezone: 'Europe/Berlin',
    now: '2026-01-02T03:04:05.678Z',
    withValue: true,
  });
  expect(results).toMatchObject([
    {
      event: { t: new VrlTimestamp('2020-07-01T10:00:00Z'), n: new VrlTimestamp('2026-01-02T03:04:05.678Z') },
      metadata: { a: 1n, b: 1n },
      value: 'last',
    },
  ]);
});

test('tables are looked up, and new rows are seen by a program that is compiled already', async () => {
  const source = '. = get_enrichment_table_record!("tasks", { "id": "a" })';
  const look = async (port: string) =>
    (
      await vrl.run(program(source), [{ event: {} }], {
        tables: { tasks: { columns: ['id', 'port'], rows: [['a', port]], schema: { port: 'integer' } } },
      })
    ).results;
  expect(await look('80')).toMatchObject([{ event: { id: 'a', port: 80n } }]);
  expect(await look('81')).toMatchObject([{ event: { id: 'a', port: 81n } }]);
  expect((await vrl.check(program(source))).ok).toBe(false);
  expect((await vrl.check(program(source), { tasks: null })).ok).toBe(true);
});

test('what was logged, and what cannot work here, is told beside the result', async () => {
  const { results } = await vrl.run(program('log("hm", level: "warn")\n.a = get_hostname() ?? "?"'), [{ event: {} }]);
  expect(results).toMatchObject([
    { event: { a: '?' }, logs: [{ level: 'warn', message: 'hm', start: 0 }], unavailable: ['get_hostname'] },
  ]);
});

test('a wrong zone is the fault of the caller, and the next call works', async () => {
  await expect(vrl.run(program('.'), [{ event: {} }], { timezone: 'Nowhere' })).rejects.toThrow('no time zone');
  expect(await eventOf('.a = 1')).toEqual({ a: 1n });
});

test('a program that takes too long is ended by its name, and the next one runs', async () => {
  const hasty = createVrl({ limitMs: 1_500 });
  try {
    expect(await codeOf(hasty.run(program(ENDLESS, { name: 'slow' }), [{ event: {} }]))).toEqual({
      code: 'vrlLate',
      facts: { program: 'slow' },
    });
    expect((await hasty.run(program('.a = 1'), [{ event: {} }])).results).toMatchObject([{ event: { a: 1n } }]);
  } finally {
    await hasty.close();
  }
});

test('of calls that were made at once each has its own answer and its own limit, also behind one that ended their thread', async () => {
  const hasty = createVrl({ limitMs: 2_000 });
  const tell = async (source: string): Promise<unknown> => {
    const run = hasty.run(program(source, { name: source.slice(0, 2) }), [{ event: {} }]);
    return run.then(({ results: [first] }) => (first?.kind === 'done' ? first.event : first), codeOfThrown);
  };
  try {
    // The last one's turn comes after twice its limit.
    const asked = ['.a = 1', ENDLESS, '.a = 2', ENDLESS, '.a = 3'].map((source) => tell(source.trim()));
    expect(await Promise.all(asked)).toEqual([{ a: 1n }, 'vrlLate', { a: 2n }, 'vrlLate', { a: 3n }]);
  } finally {
    await hasty.close();
  }
});

test('many calls that wait behind one that ended their thread are all answered, without a warning of Node', async () => {
  const hasty = createVrl({ limitMs: 1_500 });
  const warnings: Error[] = [];
  const note = (warning: Error): void => {
    if (warning.name === 'MaxListenersExceededWarning') warnings.push(warning);
  };
  process.on('warning', note);
  try {
    const slow = codeOf(hasty.run(program(ENDLESS), [{ event: {} }]));
    const others = Array.from({ length: 20 }, (_, a) => hasty.run(program(`.a = ${a}`), [{ event: {} }]));
    expect((await slow).code).toBe('vrlLate');
    const events = (await Promise.all(others)).map(({ results: [first] }) => first?.kind === 'done' && first.event);
    expect(events).toEqual(others.map((_, a) => ({ a: BigInt(a) })));
    expect(warnings).toEqual([]);
  } finally {
    process.off('warning', note);
    await hasty.close();
  }
});

test('a program that wants more memory than there is is ended by its name, and the next one runs', async () => {
  const small = createVrl({ limitMs: 30_000, maxMemoryMib: 64 });
  try {
    const source = `.a = "${'x'.repeat(1000)}"\n${'.a = string!(.a) + string!(.a)\n'.repeat(20)}`;
    expect(await codeOf(small.run(program(source, { name: 'large' }), [{ event: {} }]))).toEqual({
      code: 'vrlMemory',
      facts: { program: 'large' },
    });
    expect((await small.run(program('.a = 1'), [{ event: {} }])).results).toMatchObject([{ event: { a: 1n } }]);
  } finally {
    await small.close();
  }
});

test('programs that are kept until the memory is full cost none of them its answer', async () => {
  const small = createVrl({ limitMs: 60_000, maxMemoryMib: 40 });
  try {
    const patterns = Array.from(
      { length: 12 },
      (_, at) => `.p${at} = match(string!(.a), r'(?i)[a-z]{1,40}${at}.{1,40}\\d+$')`,
    );
    for (let round = 0; round < 40; round += 1) {
      const { results } = await small.run(program(`.n = ${round}\n${patterns.join('\n')}`), [{ event: { a: 'x' } }]);
      expect(results).toMatchObject([{ kind: 'done', event: { n: BigInt(round) } }]);
    }
  } finally {
    await small.close();
  }
});

test('a compiler that a program ends names it, and the next one runs', async () => {
  const deep = `.a = ${'['.repeat(5_000)}${']'.repeat(5_000)}`;
  expect(await codeOf(vrl.check(program(deep, { name: 'deep' })))).toMatchObject({
    code: 'vrlPanicked',
    facts: { program: 'deep' },
  });
  expect(await eventOf('.a = 1')).toEqual({ a: 1n });
});

test('a process that waits for nothing else lives until all calls behind a broken one are answered', async () => {
  const file = new URL('../../lib/vrl/vrl.ts', import.meta.url).href;
  const script = `
    const { createVrl } = await import(${JSON.stringify(file)});
    const vrl = createVrl({ limitMs: 60_000 });
    const codeOf = (source) => vrl.check({ name: 'a', source }).then(() => 'none', ({ code }) => code);
    const deep = '.a = ' + '['.repeat(5_000) + ']'.repeat(5_000);
    for (let round = 0; round < 10; round += 1) await Promise.all([deep, deep, '.a = 1', deep].map(codeOf));
    await vrl.close();
    console.log('all answered');`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  expect(stdout).toBe('all answered\n');
});

test('after close nothing is asked any more, and closing in the middle of a call ends it', async () => {
  const closing = createVrl();
  await closing.version();
  const ended = expect(closing.run(program(ENDLESS), [{ event: {} }])).rejects.toThrow('closed');
  await closing.close();
  await ended;
  await expect(closing.version()).rejects.toThrow('closed');
  const hasty = createVrl();
  const first = expect(hasty.version()).rejects.toThrow('closed');
  await hasty.close();
  await first;
});

test('a module that is not the one of its digest is not loaded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-vrl-'));
  try {
    const moduleFile = join(folder, 'nvl-vrl.wasm');
    await writeFile(moduleFile, 'no module');
    await writeFile(`${moduleFile}.sha256`, `${'0'.repeat(64)}  nvl-vrl.wasm\n`);
    expect(await codeOf(createVrl({ moduleFile }).version())).toMatchObject({ code: 'vrlModule' });
    expect(await codeOf(createVrl({ moduleFile: `${vrlModuleFile()}.none` }).version())).toMatchObject({
      code: 'vrlModule',
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('10,000 events pass through a typical transform', async () => {
  const source = `
    parsed, err = parse_json(.message)
    if err == null { . = merge(., object!(parsed)) } else { .parse_error = err }
    .level = downcase(string(.level) ?? "info")
    if match(string(.path) ?? "", r'^/health') { abort }
    .timestamp = parse_timestamp(.time, "%+") ?? now()
    del(.time)`;
  const events = Array.from({ length: 10_000 }, (_, id) => ({
    event: { message: `{"id":${id},"level":"INFO","path":"/a/${id}","time":"2026-01-02T03:04:05.678Z","took":1.5}` },
  }));
  await vrl.run(program(source), events.slice(0, 1));
  const startedAt = performance.now();
  const { results } = await vrl.run(program(source), events);
  const tookMs = performance.now() - startedAt;
  expect(results.length).toBe(10_000);
  expect(results[9_999]).toMatchObject({ kind: 'done', event: { id: 9_999n, level: 'info', took: 1.5 } });
  // A tenth of it on a quiet machine.
  expect(tookMs).toBeLessThan(20_000);
});
