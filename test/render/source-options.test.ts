import { expect, test } from 'vitest';
import { type SourceFinding, sourceFindings } from '../../lib/render/source-options.ts';

const own = { include: ['/links/x/app.stdout.[0-9]*', '/links/x/app.stderr.[0-9]*'], allocId: '50d107cb-87fc' };

const shipped = {
  type: 'file',
  include: own.include,
  read_from: 'beginning',
  fingerprint: { strategy: 'device_and_inode' },
  glob_minimum_cooldown_ms: 250,
  max_line_bytes: 1_048_576,
};

const verdicts = (table: object, of = own): string[] =>
  sourceFindings({ table: table as Record<string, unknown>, own: of }).map(
    ({ verdict, option, why }: SourceFinding) => `${verdict}: ${option} ${why}`,
  );

test.each([
  ['the shipped one', {}],
  ['one of its streams alone', { include: [own.include[1]] }],
  [
    'its options said as they are by default',
    { file_key: 'file', read_from: 'beginning', line_delimiter: '\n', exclude: [] },
  ],
  ['a host of another name', { host_key: 'server.name' }],
  ['no host', { host_key: '' }],
  ['the place in the file', { offset_key: 'offset' }],
  [
    'several lines as one',
    { multiline: { mode: 'halt_before', start_pattern: '^', condition_pattern: '^', timeout_ms: 9 } },
  ],
  ['several lines as one, as it was written before', { message_start_indicator: '^x', multi_line_timeout: 50 }],
  ['longer lines', { max_line_bytes: 9_000_000 }],
  ['the oldest file first', { oldest_first: true, max_read_bytes: 9_000 }],
  ['an encoding', { encoding: { charset: 'utf-16le' } }],
  ['checkpoints that count', { ignore_checkpoints: false, start_at_beginning: true }],
  ['rarer looks', { glob_minimum_cooldown_ms: 5_000, ignore_not_found: true }],
  [
    'the older names',
    { fingerprint: undefined, fingerprinting: { strategy: 'device_and_inode' }, glob_minimum_cooldown: 9 },
  ],
])('a source with %s is fine', (_, more) => {
  expect(verdicts({ ...shipped, ...more })).toEqual([]);
});

test.each([
  ['every task’s files', { include: ['/opt/nomad/data/alloc/*/alloc/logs/*.std*.[0-9]*'] }, 'include has "/opt'],
  ['one path more than its own', { include: [...own.include, '/var/log/syslog'] }, 'include has "/var/log/syslog"'],
  ['a way up', { include: ['/links/x/../y/app.stdout.[0-9]*'] }, 'include has "/links/x/../y'],
  ['a wider glob over its own folder', { include: ['/links/x/*'] }, 'include has "/links/x/*"'],
  ['the folder of all links', { include: ['/links/*/app.stdout.[0-9]*'] }, 'include has "/links/*'],
  ['a path that is a text', { include: '/x' }, 'include has no path'],
  ['no path', { include: [] }, 'include has no path, or an empty one: Vector would end'],
  ['an empty path', { include: ['/x', ''] }, 'include has no path, or an empty one: Vector would end'],
  ['removal of what was read', { remove_after_secs: 5 }, 'remove_after_secs would delete Nomad’s own files'],
  ['removal at once', { remove_after_secs: 0 }, 'remove_after_secs would delete'],
  ['removal by its older name', { remove_after: 5 }, 'remove_after would delete'],
  ['removal by a name that does not exist yet', { delete_when_read: true }, 'delete_when_read is no option'],
  ['a data folder', { data_dir: '/x' }, 'data_dir of its own would hide'],
  ['the path under another name', { file_key: 'path' }, 'file_key has to be "file"'],
  ['no path in its events', { file_key: '' }, 'file_key has to be "file"'],
  ['the host in place of the message', { host_key: 'message' }, 'host_key = "message" would overwrite'],
  ['the host in place of the path', { host_key: '."file"' }, 'would overwrite'],
  ['the offset in nvl’s own field', { offset_key: 'nvl.offset' }, 'offset_key = "nvl.offset" would overwrite'],
  ['events without fields', { log_namespace: true }, 'log_namespace = true'],
  ['a command', { type: 'exec', command: ['cat', '/etc/shadow'] }, 'type = "exec" reads no task’s log'],
  ['a port', { type: 'http_server', address: '0.0.0.0:80' }, 'type = "http_server"'],
  ['a socket', { type: 'socket', mode: 'tcp' }, 'type = "socket"'],
  ['its own standard input', { type: 'stdin' }, 'type = "stdin"'],
  ['another agent', { type: 'vector' }, 'type = "vector"'],
  ['made-up lines', { type: 'demo_logs' }, 'type = "demo_logs"'],
  ['Vector’s own log', { type: 'internal_logs' }, 'type = "internal_logs"'],
  ['no type', { type: undefined }, 'type = "undefined"'],
  ['the whole journal', { type: 'journald' }, 'type = "journald" needs include_matches'],
  ['a unit of the journal', { type: 'journald', include_units: ['sshd'] }, 'needs include_matches'],
  [
    'two matches, one another’s',
    { type: 'journald', include_matches: { X: ['app-50d107cb-87fc', 'b'] } },
    'needs include_matches',
  ],
  ['all containers', { type: 'docker_logs' }, 'type = "docker_logs" needs include_containers'],
  ['containers of that name', { type: 'docker_logs', include_containers: ['app'] }, 'needs include_containers'],
  [
    'one container more',
    { type: 'docker_logs', include_containers: ['app-50d107cb-87fc', 'db'] },
    'needs include_containers',
  ],
])('a source with %s is refused', (_, more, why) => {
  const [first = '', ...others] = verdicts({ ...shipped, ...more });
  expect(first).toMatch(/^refused: /);
  expect(first).toContain(why);
  expect(others).toEqual([]);
});

test.each([
  ['new lines only', { read_from: 'end' }, 'read_from = "end"'],
  ['new lines only, as it was written before', { start_at_beginning: false }, 'start_at_beginning = false'],
  ['files left out', { exclude: ['/links/x/app.stderr.[0-9]*'] }, 'exclude leaves out files'],
  ['old files left out', { ignore_older_secs: 600 }, 'ignore_older_secs skips files'],
  ['old files left out, by the older name', { ignore_older: 600 }, 'ignore_older skips files'],
  ['checkpoints that do not count', { ignore_checkpoints: true }, 'ignore_checkpoints = true'],
  ['no fingerprint', { fingerprint: undefined }, 'fingerprint is not device_and_inode'],
  ['a fingerprint of the first line', { fingerprint: { strategy: 'checksum' } }, 'fingerprint is not device_and_inode'],
  ['no limit of a line', { max_line_bytes: undefined }, 'max_line_bytes is not set'],
  ['a lower limit of a line', { max_line_bytes: 102_400 }, 'max_line_bytes = 102400'],
  ['another end of a line', { line_delimiter: '\0' }, 'line_delimiter is no line end'],
  ['a limit of waiting for a rotated file', { rotate_wait_secs: 5 }, 'rotate_wait_secs gives a rotated file up'],
  ['acknowledgements turned off', { acknowledgements: { enabled: false } }, 'acknowledgements are off'],
  ['an option that is not known', { colour: 'red' }, 'colour is no option'],
])('a source with %s is a risk', (_, more, why) => {
  const [first = '', ...others] = verdicts({ ...shipped, ...more });
  expect(first).toMatch(/^risk: /);
  expect(first).toContain(why);
  expect(others).toEqual([]);
});

test.each([
  ['docker_logs', { include_containers: ['app-50d107cb-87fc'] }],
  ['journald', { include_matches: { CONTAINER_NAME: ['app-50d107cb-87fc'], _TRANSPORT: ['journal'] } }],
])('%s of one allocation is taken, as a risk', (type, more) => {
  expect(verdicts({ type, ...more })).toEqual([
    expect.stringMatching(/^risk: type = .*nvl cannot tell what of it was delivered/),
  ]);
});
