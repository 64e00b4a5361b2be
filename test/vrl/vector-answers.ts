import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { exactJson, parseExact } from '../../lib/exact-json.ts';
import { asPlain } from '../../lib/vrl/values.ts';
import { pathOf, vector } from '../support/programs.ts';
import type { CorpusAnswer, CorpusCase, Step } from './corpus.ts';

/**
 * What the real Vector makes of the cases: one validation tells which programs it refuses, then one Vector runs the others. Each line of its
 * input names a case and holds an event; what comes out names its case too.
 */
export const vectorAnswers = async (cases: readonly CorpusCase[]): Promise<Record<string, CorpusAnswer>> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-corpus-'));
  try {
    const refused = refusalsIn(await run({ folder, cases, args: ['validate', '--skip-healthchecks'] }));
    const accepted = cases.filter(({ id }) => refused[id] === undefined);
    const input = accepted.flatMap(({ id, events }) => events.map((event) => `${exactJson({ id, event })}\n`)).join('');
    const lines = await run({ folder, cases: accepted, args: ['--quiet'], input });
    const outputs = lines
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => parseExact(line) as Output);
    const found = Map.groupBy(outputs, ({ id }) => id);
    return Object.fromEntries(
      cases.map(({ id }) => [id, answerOf({ refused: refused[id], outputs: found.get(id) ?? [] })]),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

type Output = { id: string; event: unknown; metadata: unknown; dropped?: { reason: string; message: string } };

const answerOf = ({ refused, outputs }: { refused: string | undefined; outputs: readonly Output[] }): CorpusAnswer =>
  refused === undefined
    ? {
        events: outputs.flatMap(({ event, metadata, dropped }) => (dropped === undefined ? [{ event, metadata }] : [])),
        dropped: outputs.flatMap(({ dropped }) =>
          dropped === undefined ? [] : [{ reason: dropped.reason, message: dropped.message }],
        ),
      }
    : { refused, events: [], dropped: [] };

const run = async ({
  folder,
  cases,
  args,
  input = '',
}: {
  folder: string;
  cases: readonly CorpusCase[];
  args: readonly string[];
  input?: string;
}): Promise<string> => {
  const file = join(folder, 'vector.json');
  await writeFile(file, exactJson(await configOf({ cases, folder })) ?? '');
  const { promise, resolve } = Promise.withResolvers<string>();
  const [command, ...rest] = args[0] === 'validate' ? [...args, file] : ['-c', file, ...args];
  const child = execFile(
    pathOf(vector),
    [command ?? '', ...rest],
    { maxBuffer: 1 << 28, env: {} },
    (_error, stdout, stderr) => resolve(`${stdout}\n${stderr}`),
  );
  child.stdin?.end(input);
  return stripVTControlCharacters(await promise);
};

/** `error[E105]: …` and so on, by the case whose step it is. Two blank lines end it. */
const refusalsIn = (said: string): Record<string, string> =>
  Object.fromEntries(
    said
      .split(/^[^\n]*Transform "/m)
      .slice(1)
      .map((part) => /^(\w+)_s\d+":([\s\S]*?)(?:\n\s*\n\s*\n|$)/.exec(part))
      .flatMap((found) => (found === null ? [] : [[found[1] ?? '', found[2]?.trim() ?? '']])),
  );

/** Per case: its events out of `route`, its steps, and what marks the outputs. */
const configOf = async ({ cases, folder }: { cases: readonly CorpusCase[]; folder: string }): Promise<object> => ({
  data_dir: folder,
  enrichment_tables: Object.fromEntries(
    await Promise.all(
      cases
        .flatMap(({ tables }) => Object.entries(tables))
        .map(async ([id, { columns, rows, schema }]) => {
          const path = join(folder, `${id}.csv`);
          const cells = [columns, ...rows].map((row) =>
            row.map((cell) => `"${String(asPlain(cell as string)).replaceAll('"', '""')}"`).join(','),
          );
          await writeFile(path, `${cells.join('\n')}\n`);
          return [id, { type: 'file', file: { path, encoding: { type: 'csv' } }, schema }] as const;
        }),
    ),
  ),
  sources: { lines: { type: 'stdin' } },
  transforms: Object.assign(
    { parsed: remap('lines', '. = parse_json!(.message)'), by: routeOf(cases) },
    ...cases.map(transformsOf),
  ),
  sinks: { all: { type: 'console', inputs: ['*_done', '*_dropped'], encoding: { codec: 'json' } } },
});

const routeOf = (cases: readonly CorpusCase[]): object => ({
  type: 'route',
  inputs: ['parsed'],
  route: Object.fromEntries(cases.map(({ id }) => [id, `.id == "${id}"`])),
});

const transformsOf = ({ id, steps, timezone }: CorpusCase): object => ({
  [`${id}_in`]: remap(`by.${id}`, '. = .event'),
  ...Object.fromEntries(
    steps.map((step, at) => [
      `${id}_s${at}`,
      stepOf({ step, timezone, input: at === 0 ? `${id}_in` : `${id}_s${at - 1}` }),
    ]),
  ),
  [`${id}_done`]: remap(`${id}_s${steps.length - 1}`, `. = {"id": "${id}", "event": ., "metadata": %}`),
  [`${id}_dropped`]: {
    ...remap(
      '',
      `. = {"id": "${id}", "dropped": {"reason": .metadata.dropped.reason, "message": .metadata.dropped.message}}`,
    ),
    inputs: steps.map((_, at) => `${id}_s${at}.dropped`),
  },
});

const remap = (input: string, source: string): Record<string, unknown> => ({
  type: 'remap',
  inputs: [input],
  source,
});

const stepOf = ({ step, input, timezone }: { step: Step; input: string; timezone: string | undefined }): object => ({
  ...remap(input, step.source),
  drop_on_error: step.dropOnError,
  drop_on_abort: step.dropOnAbort,
  reroute_dropped: true,
  timezone,
});
