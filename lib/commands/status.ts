import { pause } from '../backoff.ts';
import type { Config } from '../config/config.ts';
import { NvlError } from '../errors.ts';
import { objectOf } from '../json.ts';
import { askSocket, STATUS_PATH } from '../serve/ask-socket.ts';
import { type AskedTasks, makeStatus } from '../status/make-status.ts';
import { showJob } from '../status/show/show-job.ts';
import { MOST_SHOWN, showStatus } from '../status/show/show-status.ts';
import { type NodeStatus, STATUS_SCHEMA } from '../status/status.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { configFor, type Flags } from '../wiring/prepare.ts';
import { statusInState } from '../wiring/status-in-state.ts';
import { askedIn, statusQuestion } from './status-question.ts';

/**
 * `nvl status [JOB[/TASK]]`: what the daemon of the output root knows, from its socket; where none answers, what its state says, and
 * then 1 is the end. With --watch it goes on until it is told to end.
 */
export const status = async ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  const config = await configFor({ io, flags });
  const asked = askedIn(args);
  const isJson = flags.json === true;
  for (;;) {
    const found = await statusOf({ config, asked, isJson, signal: io.signal });
    const text = isJson ? `${JSON.stringify(found)}\n` : asked.job === undefined ? showStatus(found) : showJob(found);
    if (flags.watch !== true) {
      io.out(text);
      return found.source === 'daemon' ? EXIT.done : EXIT.error;
    }
    io.out(io.isTty && !isJson ? `${CLEAR}${text}` : text);
    await io.outTakesMore?.();
    await pause(WATCH_MS, io.signal);
    if (io.signal.aborted) return EXIT.done;
  }
};

/** The cursor goes to the top of a screen that is empty then. */
const CLEAR = '\u001b[2J\u001b[3J\u001b[H';
const WATCH_MS = 2_000;

/** A status that somebody may be shown. Throws `jobUnknown` where a job is asked about that is not there. */
const statusOf = async ({
  config,
  asked,
  isJson,
  signal,
}: {
  config: Config;
  asked: AskedTasks;
  isJson: boolean;
  signal: AbortSignal;
}): Promise<NodeStatus> => {
  const found = (await fromDaemon({ config, asked, isJson, signal })) ?? (await fromState({ config, asked }));
  if (asked.job !== undefined && found.list.length === 0) throw jobUnknown(asked);
  return found;
};

const fromDaemon = async ({
  config,
  asked,
  isJson,
  signal,
}: {
  config: Config;
  asked: AskedTasks;
  isJson: boolean;
  signal: AbortSignal;
}): Promise<NodeStatus | undefined> => {
  // People are shown so many.
  const limit = asked.job === undefined && !isJson ? MOST_SHOWN : undefined;
  const query = statusQuestion({ asked, limit });
  const answer = await askSocket({ folder: config.root, question: `${STATUS_PATH}?${query}`, signal });
  if (answer === undefined) return undefined;
  const read: unknown = answer.status === 200 ? JSON.parse(answer.text) : undefined;
  if (objectOf(read).schema === STATUS_SCHEMA) return read as NodeStatus;
  throw new NvlError('statusUnanswered', {
    message: 'the nvl that runs answers in another form than this one reads',
    facts: { root: config.root, said: answer.text.slice(0, MOST_SAID_BYTES) },
    advice: 'ask with the nvl that runs: it may be of another version',
  });
};

const MOST_SAID_BYTES = 200;

const fromState = async ({ config, asked }: { config: Config; asked: AskedTasks }): Promise<NodeStatus> => {
  const held = await statusInState(config);
  if (held !== undefined) return makeStatus({ held, asked });
  throw new NvlError('statusUnanswered', {
    message: 'no nvl runs on this output root, and none has left a state there',
    facts: { root: config.root },
    advice: 'name the root of the nvl that runs with --root, or its configuration with -c',
  });
};

const jobUnknown = ({ job = '', task }: AskedTasks): NvlError =>
  new NvlError('jobUnknown', {
    message: `no task of ${task === undefined ? job : `${job}/${task}`} is known on this node`,
    advice: 'nvl status --json lists all tasks that are known; a job is named by its id, or an allocation by its own',
  });
