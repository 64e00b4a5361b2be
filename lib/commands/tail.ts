import { NvlError } from '../errors.ts';
import { findTarget } from '../tail/find-target.ts';
import { createNodeReader } from '../tail/follow-allocation.ts';
import { createPrinter } from '../tail/printer.ts';
import { readsNode } from '../tail/reads-node.ts';
import { safeText } from '../tail/safe-text.ts';
import { createSlots } from '../tail/slots.ts';
import { type TailDeps, tail } from '../tail/tail.ts';
import { createTroubles } from '../tail/troubles.ts';
import { createWhere } from '../tail/where.ts';
import { colorsOf, EXIT, type Io } from '../wiring/io.ts';
import { askedNamespace, type OpenedJob, streamsOf, withJobs } from '../wiring/open-job.ts';
import { type Flags, textFlag } from '../wiring/prepare.ts';
import { colorFlag } from './render.ts';

/** `nvl tail JOB`: what all of a job's allocations write, parsed and labelled by its profile, as it is written. */
export const tailCommand = async ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  const [name = ''] = args;
  const before = countOf({ flags, name: 'lines' });
  const ending = new AbortController();
  const signal = AbortSignal.any([io.signal, ending.signal]);
  let bug: { error: unknown } | undefined;
  let isUnread = false;
  const fail = (error: unknown): void => {
    bug ??= { error };
    ending.abort();
  };
  const onUnread = (): void => {
    isUnread = true;
  };
  try {
    await withJobs({ io, flags }, async (opened) => {
      const deps = { ...(await depsOf({ io, flags, opened, signal })), before, fail, onUnread };
      const target = await findTarget({
        client: opened.client,
        name,
        namespace: askedNamespace({ io, flags }),
        signal,
      });
      await tail({ target, deps: { ...deps, task: textFlag(flags, 'task') ?? target.task } });
    });
  } catch (error) {
    // Somebody stopped it, by Ctrl-C for example: that is how it ends.
    if (!io.signal.aborted) throw error;
  }
  if (bug !== undefined) throw bug.error;
  return isUnread && flags.follow === false ? EXIT.error : EXIT.done;
};

const depsOf = async ({
  io,
  flags,
  opened: { client, parts, config, templates },
  signal,
}: {
  io: Io;
  flags: Flags;
  opened: OpenedJob;
  signal: AbortSignal;
}): Promise<Omit<TailDeps, 'before' | 'task' | 'fail' | 'onUnread'>> => {
  // Before anything is asked: it is the person's own text.
  const where = await createWhere({ source: textFlag(flags, 'where'), vrl: parts.vrl });
  const say = (line: string): void => io.err(`nvl: ${line.split('\n').map(safeText).join('\n')}\n`);
  const readNode = createNodeReader({ client, signal });
  const sayOnce = onceEach(say);
  return {
    client,
    parts,
    rules: config.rules,
    streams: streamsOf(flags),
    follows: flags.follow !== false,
    where,
    print: createPrinter({
      format: textFlag(flags, 'format') === 'json' ? 'json' : 'pretty',
      isTerminal: io.isTty,
      colors: colorsOf({ io, wanted: colorFlag(flags) }),
      write: async (text) => {
        io.out(text);
        await io.outTakesMore?.();
      },
    }),
    say,
    troubles: createTroubles({ say }),
    slots: createSlots({ most: MOST_LOGS, onFull: () => sayOnce(TOO_MANY) }),
    questions: createSlots({ most: MOST_QUESTIONS }),
    nodeOf: async (allocation) => {
      const { node, isWhole } = await readNode(allocation);
      if (!isWhole && readsNode(templates)) sayOnce(NODE_UNKNOWN);
      return node;
    },
    signal,
  };
};

/** An agent takes 100 connections of one client (Nomad's limits.http_max_conns_per_client), this many for logs among them. */
const MOST_LOGS = 80;
const MOST_QUESTIONS = 8;

const TOO_MANY = `more than ${MOST_LOGS} logs are not read at once, as Nomad takes no more connections: others are read when some have ended. --task, --stdout or an allocation's id choose fewer`;

const NODE_UNKNOWN =
  'the token may not read nodes (node:read), so what templates say of one is empty, but for its id and name';

const onceEach = (say: (line: string) => void): ((line: string) => void) => {
  const said = new Set<string>();
  return (line) => {
    if (!said.has(line)) say(line);
    said.add(line);
  };
};

/** A whole number of lines. Throws `usage`. */
export const countOf = ({ flags, name }: { flags: Flags; name: string }): number => {
  const text = String(flags[name] ?? '');
  if (/^\d{1,7}$/.test(text)) return Number(text);
  throw new NvlError('usage', {
    message: `--${name} takes a whole number, and not ${JSON.stringify(text)}`,
    advice: `write, for example, --${name} 50`,
  });
};
