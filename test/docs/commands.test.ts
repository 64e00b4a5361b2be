import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callsOf, commandsIn, commandsOf, commentedCalls, docPages, namedCalls } from '../support/doc-commands.ts';
import { DOC_STEPS } from '../support/doc-steps.ts';
import { projectFolder } from '../support/nvl.ts';
import { faultOf, helpTexts } from '../support/parse-nvl.ts';

// What pages tell their reader to run. test/e2e/readme.test.ts runs it; what needs no program is held here.

const read = (file: string): string => readFileSync(join(projectFolder, file), 'utf8');
const filesIn = (folder: string): string[] =>
  readdirSync(join(projectFolder, folder)).map((name) => `${folder}/${name}`);

const TEXT = [
  'Run `nvl status JOB`:',
  '```sh',
  'nvl status               # what runs',
  '',
  'nomad job run \\',
  '  -var=a=1 web.nomad.hcl',
  '```',
  '   ```console',
  '   $ nvl test',
  '   1 passed',
  '   ```',
  '```text',
  'nvl nothing',
  '```',
].join('\n');

test('commands are found in blocks of a shell alone, with their lines', () => {
  expect(commandsIn(TEXT)).toEqual([
    { line: 3, command: 'nvl status' },
    { line: 6, command: 'nomad job run -var=a=1 web.nomad.hcl' },
    { line: 9, command: 'nvl test' },
  ]);
  expect(namedCalls(TEXT)).toEqual([{ line: 1, command: 'nvl status JOB' }]);
  expect(commentedCalls('# nvl is small.\n#   nvl init logging   (look)\n')).toEqual([
    { line: 2, command: 'nvl init logging' },
  ]);
});

test.each([
  ['nvl test', [['test']]],
  [`nvl tail web --where '.level == "a b"'`, [['tail', 'web', '--where', '.level == "a b"']]],
  ['nvl sidecar a.hcl > web.json && nomad job run -json web.json', [['sidecar', 'a.hcl']]],
  ['nomad job plan a.hcl | nvl review --plan -', [['review', '--plan', '-']]],
  ['nvl run -- vector -c a.toml; nvl status', [['run', '--', 'vector', '-c', 'a.toml'], ['status']]],
  ['npm install -g nvl', []],
])('calls of nvl in %s', (command, calls) => expect(callsOf({ program: 'nvl', command })).toEqual(calls));

test.each([
  ['a flag that no command has', ['status', '--jason'], /unknown option '--jason'/],
  ["another command's flag", ['status', '--dropped'], /unknown option/],
  ['a command that is not there', ['stats'], /unknown command 'stats'/],
  ['an argument too many', ['init', 'a', 'b'], /too many arguments/],
  ['a value that is not offered', ['init', '--sink', 'kafka'], /Allowed choices/],
  ['an argument that is missing', ['tail'], /missing required argument/],
])('a call is refused for %s', async (_, words, fault) => expect(await faultOf(words)).toMatch(fault));

test('each command of a page is run by a test, in the order of the page, or says why not', () => {
  const printed = Object.fromEntries(docPages().map((page) => [page, commandsOf(page)]));
  const named = Object.values(printed).flat();
  expect(named.length).toBeGreaterThan(60);
  const known = (page: string) => DOC_STEPS[page]?.map(({ command }) => command) ?? [];
  const unaccounted = named
    .filter(({ page, command }) => !known(page).includes(command))
    .map(({ page, line, command }) => `${page}:${line}: ${command}`);
  expect(unaccounted).toEqual([]);
  expect(Object.entries(DOC_STEPS).map(([page]) => [page, known(page)])).toEqual(
    Object.keys(DOC_STEPS).map((page) => [page, printed[page]?.map(({ command }) => command)]),
  );
});

/** Those of a page's blocks whole; those in prose and in comments as mentions, without what stands for a value. */
const callsIn = (file: string) => {
  const text = read(file);
  const isPage = file.endsWith('.md');
  const whole = isPage ? commandsIn(text) : commentedCalls(text);
  const mentions = namedCalls(text).map(({ line, command }) => ({
    line,
    command: command.replaceAll(PLACEHOLDER, ''),
  }));
  return [
    ...whole.map((found) => ({ ...found, isNamed: false })),
    ...mentions.map((found) => ({ ...found, isNamed: true })),
  ].flatMap(({ line, command, isNamed }) =>
    callsOf({ program: 'nvl', command }).map((words) => ({ place: `${file}:${line}: ${command}`, words, isNamed })),
  );
};

const PLACEHOLDER = /[[\]…]/g;

test('every call of nvl that a page, a jobspec, a unit or an alert names is one that nvl takes', async () => {
  const files = [
    ...docPages(),
    ...['docs/decisions', 'jobspecs', 'systemd', 'monitoring'].flatMap(filesIn),
    'Dockerfile',
    'templates/init/repository/README.md',
  ];
  const calls = files.flatMap(callsIn);
  expect(calls.length).toBeGreaterThan(150);
  const faults: string[] = [];
  for (const { place, words, isNamed } of calls) {
    const fault = await faultOf(words, { isNamed });
    if (fault !== undefined) faults.push(`${place}: ${fault}`);
  }
  expect(faults).toEqual([]);
});

test('every example of the help is a call that nvl takes', async () => {
  const examples = helpTexts().flatMap((text) =>
    [...text.slice(text.indexOf('Examples:')).matchAll(/^ {2}(\S.*)$/gm)].map(([, command = '']) => command),
  );
  expect(examples.length).toBeGreaterThan(30);
  const faults: string[] = [];
  for (const command of examples) {
    const calls = callsOf({ program: 'nvl', command });
    if (calls.length === 0) faults.push(`${command}: no call of nvl`);
    for (const words of calls) {
      const fault = await faultOf(words);
      if (fault !== undefined) faults.push(`${command}: ${fault}`);
    }
  }
  expect(faults).toEqual([]);
});

test("every script of npm's that a page runs is in package.json", () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
  const run = docPages().flatMap((page) =>
    [...read(page).matchAll(/\bnpm run ([\w:]+)/g)].map(([, name = '']) => name),
  );
  expect(run.length).toBeGreaterThan(10);
  expect(run.filter((name) => !(name in scripts))).toEqual([]);
});

test('every jobspec that a page runs is there, and has the variables that it is given', () => {
  const runs = docPages()
    .flatMap((page) => commandsOf(page))
    .flatMap(({ command }) => callsOf({ program: 'nomad', command }));
  const ours = runs.flatMap((words) =>
    words.filter((word) => word.startsWith('jobspecs/')).map((file) => ({ file, words })),
  );
  expect(ours.length).toBeGreaterThan(1);
  for (const { file, words } of ours) {
    expect(existsSync(join(projectFolder, file)), file).toBe(true);
    const variables = [...read(file).matchAll(/^variable "(\w+)"/gm)].map(([, name]) => name);
    const given = words.flatMap((word) => /^-var=(\w+)=/.exec(word)?.[1] ?? []);
    expect(variables).toEqual(expect.arrayContaining(given));
  }
});
