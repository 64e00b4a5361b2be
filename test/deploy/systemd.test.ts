import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { options } from '../../lib/config/options.ts';
import { projectFolder } from '../support/nvl.ts';
import { needs, pathOf, systemdAnalyze } from '../support/programs.ts';

const unit = (name: string): string => join(projectFolder, 'systemd', name);

/** The settings of a unit by their names, in the order in which they stand there. */
const settingsOf = (name: string): Map<string, string[]> => {
  const settings = readFileSync(unit(name), 'utf8')
    .split('\n')
    .flatMap((line) => {
      const [, key, value] = /^(\w+)=(.*)$/.exec(line) ?? [];
      return key === undefined || value === undefined ? [] : [[key, value] as const];
    });
  return new Map(
    [...Map.groupBy(settings, ([key]) => key)].map(([key, lines]) => [key, lines.map(([, value]) => value)]),
  );
};

const UNITS = ['nvl.service', 'nvl-vector.service'];
const analyze = (...args: string[]) => promisify(execFile)(pathOf(systemdAnalyze), args, { timeout: 60_000 });

test.each(UNITS)('systemd understands all of %s', needs(systemdAnalyze), async (name) => {
  const { stdout, stderr } = await analyze('verify', '--man=no', unit(name));
  expect(stdout + stderr).toBe('');
});

test('and of nvl.service with what it needs beside the other', needs(systemdAnalyze), async () => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-units-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  for (const name of UNITS) await copyFile(unit(name), join(folder, name));
  await mkdir(join(folder, 'nvl.service.d'));
  await copyFile(unit('with-nvl-vector.conf'), join(folder, 'nvl.service.d/with-nvl-vector.conf'));
  const { stdout, stderr } = await analyze('verify', '--man=no', ...UNITS.map((name) => join(folder, name)));
  expect(stdout + stderr).toBe('');
});

// Tenths of what systemd calls exposure, from 0 to 100: it was 34 and 17 with systemd 252. Without any of the limits it is 96.
test.each([
  ['nvl.service', 40],
  ['nvl-vector.service', 20],
])('%s is exposed to at most %i', needs(systemdAnalyze), async (name, most) => {
  await analyze('security', '--offline=true', `--threshold=${most}`, unit(name));
});

test('what is to be one folder is one: a link does not lead from one mount to another', () => {
  const { ReadWritePaths: [paths = ''] = [], Environment = [] } = Object.fromEntries(settingsOf('nvl.service'));
  const [first] = paths.split(' ');
  expect(Environment).toContain(`NVL_ROOT=${first}/nvl`);
});

test('what is proven before a reload is what runs, in each of the two set-ups', () => {
  const commandsOf = (name: string) => {
    const settings = settingsOf(name);
    return ['ExecStartPre', 'ExecStart', 'ExecReload'].map((key) => settings.get(key) ?? []);
  };
  const kill = '/bin/kill -HUP $MAINPID';
  const env = '/usr/bin/env';
  expect(commandsOf('nvl.service')).toEqual([
    [],
    [`${env} nvl run -- vector`],
    [`${env} nvl validate -- vector`, kill],
  ]);
  expect(commandsOf('with-nvl-vector.conf')).toEqual([[], ['', `${env} nvl run`], ['', `${env} nvl validate`, kill]]);
  const live = '/opt/nomad/nvl/live/nomad.toml';
  const validate = `${env} vector validate --no-environment ${live}`;
  expect(commandsOf('nvl-vector.service')).toEqual([[validate], [`${env} vector --config ${live}`], [validate, kill]]);
  expect(settingsOf('with-nvl-vector.conf').get('Environment')).toContain(`"NVL_VECTOR_ARGS=--config ${live}"`);
});

test('nvl signals the process that the other unit writes down, and what it shows is for that user alone', () => {
  const vector = settingsOf('nvl-vector.service');
  const file = '/run/nvl-vector/pid';
  expect(vector.get('ExecStartPost')).toEqual([`/bin/sh -c 'echo "$MAINPID" > ${file}'`]);
  expect(vector.get('RuntimeDirectory')).toEqual(['nvl-vector']);
  const more = settingsOf('with-nvl-vector.conf').get('Environment') ?? [];
  expect(more).toContain('NVL_RELOAD_METHOD=signal');
  expect(more).toContain(`NVL_RELOAD_PID_FILE=${file}`);
  expect(more).toContain(`NVL_VECTOR_GROUP=${vector.get('Group')?.[0]}`);
});

test.each(UNITS)('the end of %s waits longer than Vector takes, and tells the main process alone', (name) => {
  const settings = settingsOf(name);
  expect(settings.get('TimeoutStopSec')).toEqual(['75']);
  expect(settings.get('KillMode')).toEqual(['mixed']);
});

test('each variable of nvl in the units is one that it reads', () => {
  const set = ['nvl.service', 'with-nvl-vector.conf'].flatMap((name) => settingsOf(name).get('Environment') ?? []);
  const names = set.map((assignment) => /^"?(\w+)=/.exec(assignment)?.[1] ?? '');
  const known = options.map(({ env }) => env);
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
  expect(names.length).toBeGreaterThan(4);
});

test('a capability is named with its reason, and Vector has none', () => {
  const text = readFileSync(unit('nvl.service'), 'utf8');
  const named = [...text.matchAll(/((?:^#.*\n)+)CapabilityBoundingSet=(.*)$/gm)];
  expect(named).toHaveLength(settingsOf('nvl.service').get('CapabilityBoundingSet')?.length ?? 0);
  for (const [, comment = '', names = ''] of named)
    for (const name of names.split(' ')) expect(comment).toContain(name.replace('CAP_', ''));
  expect(settingsOf('nvl-vector.service').get('CapabilityBoundingSet')).toEqual(['']);
});
