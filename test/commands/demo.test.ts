import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startChild } from '../support/child.ts';
import { projectFolder } from '../support/nvl.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { waitUntil } from '../support/wait.ts';

// The demo as a newcomer runs it: nothing but Node is there, and perhaps a Vector.

const startDemo = async ({
  args = [],
  env = {},
  vectorFile,
}: {
  args?: string[];
  env?: Record<string, string>;
  vectorFile?: string;
} = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-demo-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const [bin, temporary] = [join(folder, 'bin'), join(folder, 'tmp')];
  await mkdir(bin);
  await mkdir(temporary);
  await symlink(process.execPath, join(bin, 'node'));
  if (vectorFile !== undefined) await symlink(vectorFile, join(bin, 'vector'));
  const child = await startChild(process.execPath, [join(projectFolder, 'bin', 'nvl.js'), 'demo', ...args], {
    cwd: folder,
    env: { PATH: bin, TMPDIR: temporary, ...env },
    logFile: join(folder, 'said.txt'),
  });
  onTestFinished(async () => {
    await child.end();
  });
  return { child, leftBehind: () => readdir(temporary) };
};

const titles = (said: string): string[] => said.split('\n').flatMap((line) => /^\d+ +(.*)$/.exec(line)?.[1] ?? []);
const longest = (said: string): number => Math.max(...said.split('\n').map((line) => line.length));
const ESCAPE = '\u001b';

/** Text that was wrapped, in one line. */
const flat = (said: string): string => said.replaceAll(/\n +/g, ' ');

/** What stands under the heading of a way of logging: the lines as they were written, and the event. */
const formatIn = (said: string, heading: string): { before: string; after: string } => {
  const [, before = '', after = ''] =
    new RegExp(`\\n   ${heading}\\b.*\\n +before +((?:.*\\n)*?) +after +((?:.+\\n)*)\\n`).exec(said) ?? [];
  return { before, after };
};

const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z`;
const labels = (namespace: string, job: string, group: string, task: string, stream = 'stdout'): RegExp =>
  new RegExp(
    `^namespace=${namespace} +job_name=${job} +group_name=${group} +task_name=${task}\\n +alloc_id=\\w{8}\\.{3} +node_name=demo-node +stream=${stream}\\n`,
  );

/** Each way of logging: how a line of it begins as it was written, its labels, and what its profile made of it. */
const FORMATS: [heading: string, before: RegExp, labels: RegExp, parsed: RegExp[]][] = [
  [
    'profile access-log',
    /^192\.0\.2\.\d+ - - \[/,
    labels('default', 'shop', 'web', 'nginx'),
    [/ client=192\.0\.2\.\d+/, / status=\d{3}/],
  ],
  [
    'profile logfmt',
    /^ts=\S+ level=(?:info|warn) msg="/,
    labels('payments', 'checkout', 'api', 'server(?:-proxy)?'),
    [/level=(?:info|warn) +message="/, / path=\//],
  ],
  [
    'profile json',
    /^\{"time":"/,
    labels('default', 'mailer', 'queue', 'worker'),
    [/level=\w+ +message="(?:picked a job|job done|queue is empty)" +job=\d+\n/],
  ],
  [
    'profile java',
    /^\S+ \S+ \[http-\d\] ERROR .*\n +java\.lang\.\S+: .*\n +at .*\n +Caused by: .*\n +at .*\n +\.\.\. 1 more\n$/,
    labels('default', 'catalog', 'search', 'app'),
    [
      /level=error +message="no price for item \d+"/,
      / exception=java\.lang\./,
      / stack_trace="java\.lang\..*\\n\\tat /,
    ],
  ],
  [
    'profile postgres',
    /^\S+ \S+ UTC \[\d+\] shop@orders (?:ERROR|LOG|WARNING): /,
    labels('default', 'orders-db', 'db', 'postgres', 'stderr'),
    [/level=(?:error|info|warn)\s/, / severity=(?:ERROR|LOG|WARNING)/, / database=orders/],
  ],
  ['no profile', /^row \d+: /, labels('default', 'nightly/report', 'report', 'rows'), []],
];

const expectFormats = (said: string): void => {
  for (const [heading, raw, labelled, parsed] of FORMATS) {
    const { before, after } = formatIn(said, heading);
    expect(before).toMatch(raw);
    expect(after).toMatch(labelled);
    expect(after).toMatch(new RegExp(` timestamp=${TIME}`));
    for (const field of parsed) expect(after).toMatch(field);
  }
};

test('with a Vector everything is shown, every line arrives, and nothing is left behind', {
  ...needs(vector),
  timeout: 180_000,
}, async () => {
  const { child, leftBehind } = await startDemo({ vectorFile: pathOf(vector) });
  const exitCode = await child.ended;
  const said = await child.said();
  expect(titles(said)).toEqual([
    'A Nomad node at work',
    'What a template sees',
    'What it is rendered to',
    'Before and after',
    'An allocation starts',
    'It stops, and its last line has no newline',
    'A template is edited',
    'What came of it',
    'What to do next',
  ]);
  expect(exitCode).toBe(0);
  expectFormats(said);
  expect(said).toMatch(
    /the line is delivered:\n +namespace=default {2}job_name=backup\/periodic-\d+ {2}group_name=databases/,
  );
  expect(said).toMatch(/no newline, and ends with 0\n +\+\d+\.\d\d s +the line is delivered, with its labels/);
  expect(said).toMatch(/\| \+ {2}\.level = .*\n(.*\n)*.*Sources restarted: 0/);
  expect(said).toMatch(/new +client=.* level=error/);
  const [, written, delivered, events] =
    /written +(\d+) lines\n +delivered +(\d+) lines, in (\d+) events/.exec(said) ?? [];
  expect(Number(written)).toBeGreaterThan(20);
  expect(delivered).toBe(written);
  // Some of them are stack traces.
  expect(Number(events)).toBeLessThan(Number(written));
  expect(said).toMatch(/lost +0\n +repeated +0\n +mislabelled +0\n +reloads +\d+ confirmed by Vector, 0 refused/);
  expect(longest(said)).toBeLessThanOrEqual(100);
  expect(said).not.toContain(ESCAPE);
  expect(await leftBehind()).toEqual([]);
});

test('without a Vector nvl runs the pipelines itself: lines before and after, and the live edit, are shown', {
  timeout: 120_000,
}, async () => {
  const { child, leftBehind } = await startDemo();
  expect(await child.ended).toBe(0);
  const said = await child.said();
  expect(flat(said)).toContain(
    "There is no vector on the PATH: nvl itself runs the pipelines here, with Vector's own language. What only a real Vector shows is left out: its reloads,",
  );
  expect(titles(said)).toEqual([
    'A Nomad node at work',
    'What a template sees',
    'What it is rendered to',
    'Before and after',
    'A template is edited',
    'What to do next',
  ]);
  expect(said).toMatch(/\{\{job\.id\}\} +shop/);
  // What its labels say of a task stands in its row.
  expect(said).toMatch(/"job_name": %nvl\.row\.c_job_id_\w{8},/);
  expect(said).toMatch(/c_job_id_\w{8} +job\.id +shop\n/);
  expectFormats(said);
  expect(said).toMatch(/\| \+ {2}\.level = /);
  expect(said).toMatch(
    /Then the file is saved\. \d+\.\d s later a line arrives as the new template has it:\n\n +old +client=\S+ {2}status=\d+ {2}request=.*\n +new +client=\S+ {2}status=[45]\d\d {2}level=error /,
  );
  expect(longest(said)).toBeLessThanOrEqual(100);
  expect(said).not.toContain(ESCAPE);
  expect(await leftBehind()).toEqual([]);
});

test('a Vector that is too old is as good as none', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-demo-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const old = join(folder, 'vector');
  await writeFile(old, '#!/bin/sh\necho "vector 0.56.0 (x86_64-unknown-linux-gnu)"\n');
  await chmod(old, 0o755);
  const { child } = await startDemo({ vectorFile: old });
  expect(await child.ended).toBe(0);
  expect(await child.said()).toContain('Vector 0.56.0 is too old: nvl itself runs the pipelines here');
});

test('--keep goes on until Ctrl-C, counts all lines until then, and leaves nothing behind', {
  ...needs(vector),
  timeout: 180_000,
}, async () => {
  // What is set for another Vector and another Nomad does not reach the demo.
  const env = { VECTOR_LOG: 'off', NOMAD_ADDR: 'http://127.0.0.1:9', NOMAD_TOKEN: 'x', NOMAD_CLI_FORCE_COLOR: '1' };
  const { child, leftBehind } = await startDemo({ args: ['--keep'], env, vectorFile: pathOf(vector) });
  await waitUntil('the end of the steps', async () => (await child.said()).includes('It goes on until Ctrl-C'), {
    timeoutMs: 150_000,
  });
  expect(await leftBehind()).toHaveLength(1);
  child.kill('SIGINT');
  expect(await child.ended).toBe(0);
  const said = await child.said();
  expect(said).toMatch(/lost.*0.*\n.*repeated.*0.*\n.*mislabelled.*0/);
  expect(said).toContain(`${ESCAPE}[1mnvl demo`);
  expect(await leftBehind()).toEqual([]);
});

test('--keep without a Vector goes on as well: what is edited meanwhile counts', { timeout: 180_000 }, async () => {
  const { child, leftBehind } = await startDemo({ args: ['--keep'] });
  await waitUntil('the end of the steps', async () => (await child.said()).includes('ask it'), { timeoutMs: 100_000 });
  const fileIn = async (name: string) => new RegExp(`${name} +(/\\S+)`).exec(await child.said())?.[1] ?? '';
  const [template, delivered] = [await fileIn('template'), await fileIn('delivered')];
  await writeFile(template, (await readFile(template, 'utf8')).replace('.level =', '.grade ='));
  await waitUntil('a line of the edited template', async () =>
    (await readFile(delivered, 'utf8')).includes('"grade":'),
  );
  child.kill('SIGINT');
  expect(await child.ended).toBe(0);
  expect(await child.said()).toContain('The demo is over, and has left nothing behind.');
  expect(await leftBehind()).toEqual([]);
});

const expectEarlyEnd = async ({ vectorFile, step }: { vectorFile?: string; step: string }): Promise<void> => {
  const { child, leftBehind } = await startDemo(vectorFile === undefined ? {} : { vectorFile });
  await waitUntil(step, async () => (await child.said()).includes(step));
  child.kill('SIGINT');
  expect(await child.ended).toBe(0);
  expect(await child.said()).toContain('Ended early; nothing is left behind.');
  expect(await leftBehind()).toEqual([]);
};

test('Ctrl-C in the middle ends it at once', { ...needs(vector), timeout: 120_000 }, () =>
  expectEarlyEnd({ vectorFile: pathOf(vector), step: 'What it is rendered to' }),
);

test('Ctrl-C ends it at once without a Vector, too, while VRL is compiled', { timeout: 120_000 }, () =>
  expectEarlyEnd({ step: 'Before and after' }),
);
