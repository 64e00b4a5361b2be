import { mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import type http from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { Command } from 'commander';
import { onTestFinished } from 'vitest';
import { addCommands } from '../../bin/commands.ts';
import { endOf } from '../../bin/exit-code.ts';
import type { Io } from '../../lib/wiring/io.ts';
import { metaHeaders, startFakeNomad } from '../nomad/fake-nomad.ts';
import { idOf } from '../support/builders.ts';
import { type Behaviour, writeFakeVector } from '../vector/fake-vector.ts';

export const aFolder = async (): Promise<string> => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'nvl-command-')));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
};

/** Writes files by their paths below the folder; what is no text is written as JSON. */
export const put = async (folder: string, files: Readonly<Record<string, unknown>>): Promise<void> => {
  for (const [name, value] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
  }
};

export const textOf = (...parts: string[]): Promise<string | undefined> =>
  readFile(join(...parts), 'utf8').catch(() => undefined);

/** Runs `nvl <args>` in this process, as `bin/` would. `said` is what it has written to stderr so far. */
export const startNvl = (
  args: string[],
  {
    cwd,
    env = {},
    input = [],
    outTakesMore = async () => {},
  }: {
    cwd: string;
    env?: Record<string, string>;
    input?: readonly (string | Buffer)[];
    outTakesMore?: () => Promise<void>;
  },
) => {
  const ending = new AbortController();
  const hangups = new Set<() => void>();
  const told = { out: '', err: '' };
  const stderr = new PassThrough();
  stderr.on('data', (chunk: Buffer) => {
    told.err += chunk.toString();
  });
  const io: Io = {
    out: (text) => {
      told.out += text;
    },
    outTakesMore,
    err: (text) => {
      told.err += text;
    },
    stderr,
    readInput: async function* () {
      for (const part of input) yield Buffer.from(part as string);
    },
    // Several daemons run on this machine at once.
    env: { NVL_METRICS_ADDRESS: 'off', ...env },
    cwd,
    systemDir: '/no/such/folder',
    isTty: false,
    isErrTty: false,
    signal: ending.signal,
    onHangup: (hangup) => {
      hangups.add(hangup);
      return () => hangups.delete(hangup);
    },
  };
  let code = 0;
  const run = addCommands({ program: new Command('nvl').exitOverride(), io, onExit: (given) => (code = given) });
  const ended = run(args).then(
    () => ({ code, ...told }),
    (error: unknown) => {
      const end = endOf(error);
      return { code: end.code, out: told.out, err: told.err + end.said };
    },
  );
  const end = async () => {
    ending.abort();
    return ended;
  };
  onTestFinished(async () => void (await end()));
  return {
    ended,
    end,
    hangUp: () => {
      for (const hangup of hangups) hangup();
    },
    said: () => told.err,
    /** What it has written to stdout so far. */
    out: () => told.out,
    /** The messages of its log. */
    log: () =>
      told.err
        .split('\n')
        .filter((line) => line.startsWith('{'))
        .map((line) => JSON.parse(line) as { level: string; msg: string; err?: { message: string } }),
  };
};

export const nvl = (args: string[], options: Parameters<typeof startNvl>[1]) => startNvl(args, options).ended;

/**
 * A tiny vector: `validate` refuses a file that holds REFUSE and names the transform it stands in, and anything else runs
 * as `behaviours` say.
 */
export const aVector = async (folder: string, behaviours: Behaviour[] = [{}]) => {
  await mkdir(join(folder, 'running'), { recursive: true });
  const running = await writeFakeVector({ folder: join(folder, 'running'), behaviours });
  const binary = join(folder, 'vector');
  const source = `#!/bin/sh
case " $* " in
  *" --version "*) echo "vector 0.57.0 (tiny)"; exit 0;;
  *" validate "*)
    for file in "$@"; do
      [ -f "$file" ] && name=$(grep -B8 REFUSE "$file" | grep -o 'transforms[.][a-z0-9_]*' | tail -1) && [ -n "$name" ] || continue
      echo "Failed to load [\\"$file\\"]"; echo "x Transform \\"\${name#transforms.}\\":"; echo "error[E103]: no"; exit 78
    done
    exit 0;;
esac
exec ${running.binary} "$@"
`;
  await writeFile(binary, source, { mode: 0o755 });
  return { ...running, binary };
};

/** A Nomad that answers with these allocations; a blocking query waits until they are changed, or for ever. `plugins`: as its agent tells them. */
export const aNomad = async (folder: string, first: unknown[] = [], { plugins = [] }: { plugins?: unknown[] } = {}) => {
  let allocations = first;
  let index = 10;
  let waiting: (() => void)[] = [];
  let isAway = false;
  const bodyOf = (url: URL): unknown => {
    if (url.pathname === '/v1/agent/self')
      return { config: { DataDir: join(folder, 'nomad'), Plugins: plugins }, stats: { client: { node_id: idOf(9) } } };
    if (url.pathname === `/v1/node/${idOf(9)}`) return { ID: idOf(9), Name: 'node-1' };
    if (url.pathname === `/v1/node/${idOf(9)}/allocations`) return allocations;
    return undefined;
  };
  const answer: http.RequestListener = async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://nomad');
    if (isAway) {
      response.writeHead(500).end('No cluster leader');
      return;
    }
    if (Number(url.searchParams.get('index') ?? 0) >= index)
      await new Promise<void>((resolve) => waiting.push(resolve));
    const body = bodyOf(url);
    response
      .writeHead(body === undefined ? 404 : 200, { ...metaHeaders, 'x-nomad-index': String(index) })
      .end(JSON.stringify(body ?? 'not found'));
  };
  const { address } = await startFakeNomad({ answer });
  return {
    address,
    allocDir: join(folder, 'nomad', 'alloc'),
    setAllocations: (next: unknown[]) => {
      allocations = next;
      index += 1;
      const ready = waiting;
      waiting = [];
      for (const resolve of ready) resolve();
    },
    setAway: (next: boolean) => {
      isAway = next;
    },
  };
};
