import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { testProfiles } from '../../lib/profile-test/test-profiles.ts';
import { binaryOf, needs, vector } from '../support/programs.ts';
import { folderWith } from './support.ts';

// Lines that belong together, on a real Vector: two tasks in one pipeline, and an event that would grow for ever.

const SOURCE = `{{> nvl/source}}

{{> nvl/lines}}
starts_when = '''
text = string(.message) ?? ""
length(text) > 16384 || !starts_with(text, " ")
'''
`;
const SETTINGS = 'parameters:\n  multiline_timeout: { type: duration, default: 1s }\n';

const messagesOf = async (cases: readonly { lines: readonly string[]; stream?: string }[]) => {
  const dir = folderWith({
    'profiles/p/profile.yaml': SETTINGS,
    'profiles/p/source.toml.hbs': SOURCE,
    'profiles/p/tests/a.yaml': JSON.stringify(
      cases.map((one, index) => ({ ...one, name: `${index}`, task: { job: `job-${index}` }, events: [] })),
    ),
  });
  const { profiles } = await testProfiles({
    dir,
    names: ['p'],
    command: { binary: binaryOf(vector), env: {}, cwd: tmpdir() },
    shownPath: (file) => file,
    signal: new AbortController().signal,
  });
  return (profiles[0]?.cases ?? []).map(({ events }) =>
    events.map(({ message, nomad, timestamp_end }) => ({
      lines: String(message).split('\n'),
      job: (nomad as { job_name?: string }).job_name,
      stream: (nomad as { stream?: string }).stream,
      end: timestamp_end,
    })),
  );
};

test.concurrent('tasks of one pipeline, and their streams, keep their lines apart', needs(vector), async () => {
  const of = (name: string) =>
    Array.from({ length: 60 }, (_, index) => `${index % 3 === 0 ? '' : ' '}${name} ${index}`);
  const found = await messagesOf([
    { lines: of('one') },
    { lines: of('two') },
    { lines: of('three'), stream: 'stderr' },
  ]);
  for (const [index, name] of ['one', 'two', 'three'].entries()) {
    const [job, stream] = [`job-${index}`, name === 'three' ? 'stderr' : 'stdout'];
    expect(found[index]).toEqual(
      Array.from({ length: 20 }, (_, event) => ({ lines: of(name).slice(event * 3, event * 3 + 3), job, stream })),
    );
  }
});

test.concurrent('an event has a bound of lines, and a long line opens one', needs(vector), async () => {
  const many = ['head', ...Array.from({ length: 2_500 }, (_, index) => ` ${index}`)];
  const long = ['head', ' more', ` ${'x'.repeat(16_400)}`, ' and more'];
  const [one, other] = await messagesOf([{ lines: many }, { lines: long }]);
  expect(one?.map(({ lines }) => lines.length)).toEqual([1_000, 1_000, 501]);
  expect(one?.flatMap(({ lines }) => lines)).toEqual(many);
  expect(other?.map(({ lines }) => lines)).toEqual([long.slice(0, 2), long.slice(2)]);
});
