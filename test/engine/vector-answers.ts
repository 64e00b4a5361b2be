import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { stringify } from 'smol-toml';
import { parseExact } from '../../lib/exact-json.ts';
import { fileSink, readDelivered } from '../support/vector.ts';
import { caseConfig, caseFolder, GLOBALS, ownName, ROUND_MS, tableFile } from './case-config.ts';
import { comparable } from './comparable.ts';
import type { EngineAnswer, EngineCase } from './corpus.ts';
import { readFilesByVector } from './read-files-by-vector.ts';

/** What the real Vector makes of the cases: one Vector reads the files of all of them, and writes a file for each observed output. */
export const vectorAnswers = async (cases: readonly EngineCase[]): Promise<Record<string, EngineAnswer>> => {
  const root = await mkdtemp(join(tmpdir(), 'nvl-engine-'));
  const folder = join(root, 'logs');
  try {
    const config = await layOut({ root, folder, cases });
    const mostRounds = Math.max(...cases.map(({ rounds }) => rounds.length));
    const rounds = Array.from({ length: mostRounds }, (_, round) =>
      cases.flatMap((test) =>
        Object.entries(test.rounds[round] ?? {}).map(([path, bytes]) => ({
          path: join(caseFolder({ folder, id: test.id }), path),
          bytes,
          isRead: !test.unread.includes(path),
        })),
      ),
    );
    const fromMs = Date.now();
    await readFilesByVector({ root, folder, config, rounds, roundMs: ROUND_MS });
    const around = { folder, hostname: hostname(), fromMs, toMs: Date.now() };
    const answers = cases.map(async (test) => {
      const answer = await readAnswer({ root, test });
      return [test.id, comparable({ test, answer, around })] as const;
    });
    return Object.fromEntries(await Promise.all(answers));
  } finally {
    await rm(root, { recursive: true, force: true });
  }
};

/** Writes a configuration for each case and one for what all share, and gives their glob. */
const layOut = async ({
  root,
  folder,
  cases,
}: {
  root: string;
  folder: string;
  cases: readonly EngineCase[];
}): Promise<string> => {
  const write = async (path: string, text: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  };
  const written = cases.map(async (test) => {
    const own = caseFolder({ folder, id: test.id });
    for (const [path, text] of Object.entries(test.programs)) await write(join(own, path), text);
    for (const [name, { csv }] of Object.entries(test.tables)) await write(tableFile({ own, name }), csv);
    await write(join(root, 'configs', `${test.id}.toml`), caseConfig({ test, folder }));
  });
  await mkdir(join(root, 'out'));
  await Promise.all([...written, write(join(root, 'configs', 'all.toml'), observers({ root, cases }))]);
  return join(root, 'configs', '*.toml');
};

/** Behind each observed output: what makes its metadata seen, and a file. */
const observers = ({ root, cases }: { root: string; cases: readonly EngineCase[] }): string =>
  GLOBALS +
  cases
    .flatMap((test) => test.observed.map((output, index) => ({ test, output, id: seenId(test, index) })))
    .flatMap(({ test, output, id }) => [
      stringify({
        transforms: {
          [id]: { type: 'remap', inputs: [ownName(test.id, output)], source: '. = {"event": ., "metadata": %}' },
        },
      }),
      fileSink({ id: `${id}_file`, inputs: [id], file: seenFile({ root, id }) }),
    ])
    .join('\n');

const seenId = ({ id }: EngineCase, index: number): string => `seen_${id}_${index}`;

const seenFile = ({ root, id }: { root: string; id: string }): string => join(root, 'out', `${id}.jsonl`);

const readAnswer = async ({ root, test }: { root: string; test: EngineCase }): Promise<EngineAnswer> => {
  const outputs = test.observed.map(async (output, index) => {
    const lines = await readDelivered(seenFile({ root, id: seenId(test, index) }));
    return [output, lines.map((line) => parseExact(line) as EngineAnswer[string][number])] as const;
  });
  return Object.fromEntries(await Promise.all(outputs));
};
