import { expect, test } from 'vitest';
import { logsTo, parseLogLine, showsInfo } from '../../lib/vector/process/log-line.ts';

const at = '2026-11-23T03:26:53.631764Z';

/** Lines as Vector 0.57.0 wrote them. */
test.each([
  [
    `${at}  INFO vector: Vector has started. debug="false" version="0.57.0" arch="x86_64" revision=""`,
    { kind: 'started' },
  ],
  [
    `${at}  INFO vector: Vector has reloaded. path=[File("live.toml", None)] internal_log_rate_limit=false`,
    { kind: 'reloaded' },
  ],
  [`${at}  INFO vector: Vector is stopping.`, { kind: 'stopping' }],
  [
    `${at} ERROR vector::internal_events::process: Failed to load config files, reload aborted. error_code="config_load" error_type="configuration_failed"`,
    { kind: 'refused' },
  ],
  [
    `${at} ERROR vector::internal_events::process: Reload was not successful. reason="global_options_changed" error_code="reload"`,
    { kind: 'needsRestart' },
  ],
  [
    `${at} ERROR vector::internal_events::process: Reload was not successful. reason="topology_build_failed" error_code="reload"`,
    { kind: 'refused' },
  ],
  [
    `${at} ERROR vector::internal_events::process: Reload was not successful. reason="restore_failed" error_code="reload"`,
    { kind: 'lost' },
  ],
  [
    `${at} ERROR vector::config::loading: Error opening config file. error=Permission denied (os error 13) path="live.toml"`,
    { kind: 'leftOut' },
  ],
  [
    `${at} ERROR vector::cli: Configuration error. error=Input "zz" for sink "o" doesn't match any components.`,
    { kind: 'error' },
  ],
  [
    `${at} ERROR vector::topology::controller: Config reload rejected due to non-reloadable global options. changed_fields=data_dir`,
    { kind: 'error' },
  ],
  [
    `\u001b[2m${at}\u001b[0m \u001b[32m INFO\u001b[0m \u001b[2mvector\u001b[0m\u001b[2m:\u001b[0m Vector has started.`,
    { kind: 'started' },
  ],
  [
    `{"timestamp":"${at}","level":"INFO","message":"Vector has reloaded.","path":"[]","internal_log_rate_limit":false,"target":"vector"}`,
    { kind: 'reloaded' },
  ],
  [
    `{"timestamp":"${at}","level":"ERROR","message":"Reload was not successful.","reason":"global_options_changed","target":"vector::internal_events::process"}`,
    { kind: 'needsRestart' },
  ],
  [
    `{"timestamp":"${at}","level":"ERROR","message":"Configuration error.","error":"no","target":"vector::cli"}`,
    { kind: 'error', words: 'Configuration error. error=no' },
  ],
])('log line: %s', (line, expected) => {
  expect(parseLogLine(line)).toMatchObject(expected);
});

test.each([
  ['an event on a console sink', '{"message":"Vector has reloaded.","timestamp":"2026-11-23T03:26:53Z","file":"x"}'],
  ['an event that tries', '{"message":"Vector has reloaded.","level":"INFO","timestamp":"2026-11-23T03:26:53Z"}'],
  ['a quote inside another line', `${at}  INFO vector::app: said Vector has reloaded.`],
  ['a module of another name', `${at}  INFO vectors: Vector has reloaded.`],
  [
    'a sink in trouble',
    `${at} ERROR sink{component_id=o}: vector::sinks::util: Retries exhausted; dropping the request.`,
  ],
  ['another level', `${at}  WARN vector: Vector has reloaded.`],
  ['no line of a log', 'Vector has reloaded.'],
  ['broken JSON', '{"message":"Vector has reloaded."'],
  ['nothing', ''],
])('log line: %s means nothing', (_, line) => {
  expect(parseLogLine(line)).toBeUndefined();
});

test.each<[string, string[], Record<string, string>, boolean]>([
  ['by default', [], {}, true],
  ['-q', ['-q'], {}, false],
  ['-qq', ['-qq'], {}, false],
  ['-q overrides -v', ['-vq'], {}, false],
  ['-v', ['-v'], {}, true],
  ['VECTOR_LOG=warn', [], { VECTOR_LOG: 'warn' }, false],
  ['VECTOR_LOG wins over -q', ['-q'], { VECTOR_LOG: 'info' }, true],
  ['VECTOR_LOG for this target', [], { VECTOR_LOG: 'warn,vector=info' }, true],
  ['VECTOR_LOG for another target', [], { VECTOR_LOG: 'warn,hyper=trace' }, false],
  ['the longest target counts', [], { VECTOR_LOG: 'trace,vector=error' }, false],
  ['a target alone means all of it', [], { VECTOR_LOG: 'vector' }, true],
  ['the older LOG', [], { LOG: 'error' }, false],
])('info lines: %s', (_, args, env, expected) => {
  const both = { VECTOR_LOG: env.VECTOR_LOG, LOG: env.LOG };
  const clean = Object.fromEntries(
    Object.entries(both).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
  expect(showsInfo({ args, env: clean })).toBe(expected);
});

test('log stream: JSON goes to stdout, text to stderr', () => {
  expect(logsTo({ args: ['--log-format=json'], env: {} })).toBe('stdout');
  expect(logsTo({ args: [], env: {} })).toBe('stderr');
});
