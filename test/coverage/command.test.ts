import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nvl } from '../commands/support.ts';
import { folderWith } from '../profile-test/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { casesFor, NO_VECTOR, remap } from './support.ts';

const team = (more: Record<string, string> = {}) =>
  folderWith({
    'nvl.yaml': `templates: templates\nvector: { binary: ${NO_VECTOR} }\nrules: [{ match: { job: ruled }, profile: web }]\n`,
    'templates/profiles/web/transform.toml.hbs': remap('if .message == "x" {\n  .a = 1\n}'),
    'templates/profiles/web/tests/a.yaml': casesFor('y'),
    ...more,
  });

const run = (cwd: string, args: string[], env: Record<string, string> = {}) => nvl(['test', ...args], { cwd, env });

test.each([
  ['nothing', [], false, 0],
  ['--coverage', ['--coverage'], true, 0],
  ['a least that is reached', ['--min', '50'], true, 0],
  ['a least that is not', ['--coverage', '--min', '50.1'], true, 1],
])('with %s the coverage is shown, or not, and decides how it ends', async (_, args, isShown, code) => {
  const found = await run(team(), args);
  expect(found).toMatchObject({ code, err: '' });
  expect(found.out.includes('templates/profiles/web/transform.toml.hbs:5  if .message == "x": never true')).toBe(
    isShown,
  );
  expect(found.out.includes('\nCoverage: 50% of all branches (1 of 2)')).toBe(isShown);
});

test('a failed test ends with 1, whatever its coverage', async () => {
  const cwd = team({ 'templates/profiles/web/tests/a.yaml': '- { name: a, lines: [x, y], events: [{ a: 2 }, {}] }\n' });
  const found = await run(cwd, ['--min', '100']);
  expect(found).toMatchObject({ code: 1, out: expect.stringContaining('Coverage: 100% of all branches (2 of 2)') });
});

test.each(['-1', '101', 'all', ''])('a least of %j is refused before anything runs', async (min) => {
  const found = await run(team(), [`--min=${min}`]);
  expect(found).toMatchObject({ code: 1, out: '' });
  expect(found.err).toContain('--min is a percentage, from 0 to 100');
});

test('the files are written where they are asked for, and named', async () => {
  const cwd = team();
  const found = await run(cwd, ['--lcov', 'out.info', '--html', 'deep/page', '--junit', 'junit.xml']);
  expect(found).toMatchObject({ code: 0, err: 'wrote out.info\nwrote deep/page/index.html\n' });
  const read = (name: string) => readFileSync(join(cwd, name), 'utf8');
  expect(read('out.info')).toContain('SF:templates/profiles/web/transform.toml.hbs\nBRDA:5,0,0,0\nBRDA:5,0,1,1\n');
  expect(read('out.info')).toContain('\nDA:5,1\nDA:6,0\nDA:7,1\n');
  expect(read('deep/page/index.html')).toContain('if .message == &quot;x&quot;: never true');
  expect(read('junit.xml')).toContain('<testsuite name="coverage" tests="1" failures="0"');
});

test('jobs that ship by default are named where a recording is there, or is named', async () => {
  const jobs = (...names: string[]) =>
    JSON.stringify(names.map((job, index) => aRawAllocation({ id: idOf(index + 1), job })));
  const cwd = team({
    'recordings/a.json': jobs('plain', 'ruled'),
    'recordings/b.json': jobs('plain', 'other'),
    'one.json': jobs('named'),
  });
  const title = 'Jobs that ship by default, since neither their meta nor a rule chooses a profile:\n';
  expect((await run(cwd, ['--coverage'])).out).toContain(
    `${title}  default/other  1 task\n  default/plain  2 tasks\n\n`,
  );
  expect((await run(cwd, ['--coverage', '--allocations', 'one.json'])).out).toContain(
    `${title}  default/named  1 task\n\n`,
  );
  expect((await run(team(), ['--coverage'])).out).not.toContain('Jobs');
});

test.each([
  ['CI=true', { CI: 'true' }, true],
  ['CI=1', { CI: '1' }, true],
  ['CI=false', { CI: 'false' }, false],
  ['no CI', {}, false],
])('with %s --update is refused, or works', async (_, env, isRefused) => {
  const cwd = team({ 'templates/profiles/web/tests/a.yaml': '- { name: a, lines: x }\n' });
  const { code, err } = await run(cwd, ['--update', '--coverage'], env);
  const text = readFileSync(join(cwd, 'templates/profiles/web/tests/a.yaml'), 'utf8');
  if (isRefused) {
    expect({ code, text }).toEqual({ code: 1, text: '- { name: a, lines: x }\n' });
    expect(err).toContain('nvl: --update takes whatever comes now as what is expected, so in CI every test would pass');
  } else {
    expect(code).toBe(0);
    expect(text).toContain('events');
  }
});
