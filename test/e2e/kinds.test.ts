import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { projectFolder } from '../support/nvl.ts';
import { isAbsent, needs, pathOf, vector } from '../support/programs.ts';
import { freePort } from '../support/servers.ts';
import { type RunningVector, startVector } from '../support/vector.ts';

// Whatever kind of source, transform or sink nvl shows to a user is built into the Vector that the tests run, and starts.

type Kind = { of: 'sources' | 'transforms' | 'sinks'; type: string };

/** A small configuration of each kind, in words that its own table has to hold. `{port}` is a free one. */
const OPTIONS: Record<Kind['of'], Record<string, string>> = {
  sources: {
    file: 'include = ["/nowhere/*.log"]',
    docker_logs: 'docker_host = "http://127.0.0.1:{port}"\ninclude_containers = ["app-50d107cb"]',
    internal_metrics: '',
    journald: 'journalctl_path = "{folder}/journalctl"\ninclude_matches.CONTAINER_NAME = ["app-50d107cb"]',
    vector: 'address = "127.0.0.1:{port}"',
  },
  transforms: {
    remap: 'source = "."',
    filter: 'condition = "true"',
    sample: 'rate = 10',
    throttle: 'threshold = 10\nwindow_secs = 1',
    reduce: 'group_by = ["x"]',
    dedupe: 'fields.match = ["message"]',
    route: 'route.a = "true"',
  },
  sinks: {
    console: 'encoding.codec = "json"',
    blackhole: '',
    file: 'path = "/tmp/nvl-never-written-%Y.log"\nencoding.codec = "json"',
    loki: 'endpoint = "http://127.0.0.1:{port}"\nencoding.codec = "text"\nlabels.a = "b"\nhealthcheck.enabled = false',
    elasticsearch: 'endpoints = ["http://127.0.0.1:{port}"]\napi_version = "v8"\nhealthcheck.enabled = false',
    vector: 'address = "127.0.0.1:{port}"\nhealthcheck.enabled = false',
    prometheus_exporter: 'address = "127.0.0.1:{port}"',
    http: 'uri = "http://127.0.0.1:{port}"\nencoding.codec = "json"\nhealthcheck.enabled = false',
  },
};

/** Each kind that a table of `text` has: `[sinks.x]` and below it `type = "loki"`. A block of HCL or a heredoc's end ends a table. */
const kindsIn = (text: string): Kind[] => {
  const kinds: Kind[] = [];
  let of: string | undefined;
  for (const line of text.split('\n')) {
    of =
      /^\s*\[(sources|transforms|sinks)\.[^\].]+(?:\.?\})?\]/.exec(line)?.[1] ??
      (/^\s*\[(?!\[)|\{$|^\s*E[A-Z]+$/.test(line) ? undefined : of);
    const type = /^\s*type\s*=\s*"([a-z_]+)"/.exec(line)?.[1];
    if (of !== undefined && type !== undefined) kinds.push({ of: of as Kind['of'], type });
  }
  return kinds;
};

const textsBelow = async (dir: string, ends: RegExp): Promise<string[]> => {
  const entries = await readdir(join(projectFolder, dir), { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile() && ends.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(files.filter((file) => !file.includes('/decisions/')).map((file) => readFile(file, 'utf8')));
};

const fences = (text: string): string =>
  [...text.matchAll(/```\w*\n(.*?)```/gs)].map(([, code = '']) => code).join('\n');

/** What a sentence names; only names that no other word has, and not what it warns of (`lua`). */
const named = (text: string): string[] => [...text.matchAll(/`([a-z][a-z_]+)`/g)].map(([, name = '']) => name);

/** What stands in tables and sentences; the source that gathers is told of beside the sink that sends to it. */
const shown = async (): Promise<Kind[]> => {
  const docs = [...(await textsBelow('docs', /\.md$/)), await readFile(join(projectFolder, 'README.md'), 'utf8')];
  const kinds: Kind[] = [
    ...(await textsBelow('templates', /\.hbs$/)).flatMap(kindsIn),
    ...(await textsBelow('jobspecs', /\.hcl$/)).flatMap(kindsIn),
    { of: 'sources', type: 'vector' },
    ...docs.flatMap((text) => kindsIn(fences(text))),
    ...docs.flatMap((text) =>
      named(text).flatMap((type): Kind[] => {
        if (['docker_logs', 'journald'].includes(type)) return [{ of: 'sources', type }];
        return ['remap', 'filter', 'sample', 'throttle', 'reduce', 'dedupe', 'route'].includes(type)
          ? [{ of: 'transforms', type }]
          : [];
      }),
    ),
  ];
  return [...new Map(kinds.map((kind) => [`${kind.of} ${kind.type}`, kind])).values()];
};

const kinds = await shown();

let folder: string;
let running: RunningVector | undefined;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'nvl-kinds-'));
});
afterEach(async () => {
  await running?.end();
  running = undefined;
  await rm(folder, { recursive: true, force: true });
});

test('the kinds are found where nvl shows them', () => {
  const names = kinds.map(({ of, type }) => `${of} ${type}`);
  expect(names).toEqual(
    expect.arrayContaining([
      'sources file',
      'sources docker_logs',
      'sources journald',
      'transforms remap',
      'transforms throttle',
      'sinks console',
      'sinks loki',
      'sinks elasticsearch',
      'sinks file',
      'sinks vector',
    ]),
  );
});

const list = isAbsent(vector)
  ? undefined
  : (JSON.parse(execFileSync(vector.path, ['list', '--format', 'json'], { encoding: 'utf8' })) as Record<
      Kind['of'],
      string[]
    >);

test.each(kinds.map((kind) => [`${kind.of} ${kind.type}`, kind] as const))(
  '%s is built in, and starts',
  needs(vector),
  async (_, { of, type }) => {
    expect(list?.[of]).toContain(type);
    const options = OPTIONS[of][type];
    if (options === undefined) throw new Error(`the test has no options for ${type}: add them`);
    // A journal without a line.
    await writeFile(join(folder, 'journalctl'), '#!/bin/sh\n[ "$1" != --version ] || echo "systemd 252 (252)"\n', {
      mode: 0o755,
    });
    const config = join(folder, 'vector.toml');
    await writeFile(
      config,
      configOf({
        of,
        type,
        options: options.replaceAll('{port}', String(await freePort())).replaceAll('{folder}', folder),
      }),
    );
    running = await startVector({ folder, configs: [config] });
    expect(running.hasEnded()).toBe(false);
    pathOf(vector);
  },
);

/** As in nvl's own file a source stands beside it that never ends: one without its daemon does, and Vector with the last one. */
const configOf = ({ of, type, options }: Kind & { options: string }): string =>
  [
    '[sources.none]\ntype = "file"\ninclude = ["/nowhere/none"]',
    of === 'sources' || type === 'prometheus_exporter'
      ? `[sources.a]\ntype = "${of === 'sources' ? type : 'internal_metrics'}"\n${of === 'sources' ? options : ''}`
      : '[sources.a]\ntype = "file"\ninclude = ["/nowhere/*.log"]',
    of === 'transforms' ? `[transforms.b]\ntype = "${type}"\ninputs = ["a"]\n${options}` : '',
    of === 'sinks'
      ? `[sinks.c]\ntype = "${type}"\ninputs = ["a"]\n${options}`
      : `[sinks.c]\ntype = "blackhole"\ninputs = ["${of === 'transforms' ? 'b*' : 'a'}"]`,
  ].join('\n\n');
