import { pause } from '../backoff.ts';
import { NvlError } from '../errors.ts';
import type { AskedTasks } from '../status/make-status.ts';
import { askedIn } from '../status/question.ts';
import { showJob } from '../status/show/show-job.ts';
import { MOST_SHOWN, showStatus } from '../status/show/show-status.ts';
import { EXIT, type Io, showAnew } from '../wiring/io.ts';
import { nodeStatus } from '../wiring/node-status.ts';
import { configFor, type Flags } from '../wiring/prepare.ts';

/**
 * `nvl status [JOB[/TASK]]`: what the daemon of the output root knows, from its socket; where none answers, what its state says, and
 * then 1 is the end. With --watch it goes on until it is told to end.
 */
export const status = async ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  const config = await configFor({ io, flags });
  const asked = askedIn(args);
  const isJson = flags.json === true;
  // People are shown so many.
  const limit = asked.job === undefined && !isJson ? MOST_SHOWN : undefined;
  for (;;) {
    const found = await nodeStatus({ config, asked, limit, signal: io.signal });
    if (asked.job !== undefined && found.list.length === 0) throw jobUnknown(asked);
    const text = isJson ? `${JSON.stringify(found)}\n` : asked.job === undefined ? showStatus(found) : showJob(found);
    if (flags.watch !== true) {
      io.out(text);
      return found.source === 'daemon' ? EXIT.done : EXIT.error;
    }
    await showAnew({ io, text, isScreen: !isJson });
    await pause(WATCH_MS, io.signal);
    if (io.signal.aborted) return EXIT.done;
  }
};

const WATCH_MS = 2_000;

const jobUnknown = ({ job = '', task }: AskedTasks): NvlError =>
  new NvlError('jobUnknown', {
    message: `no task of ${task === undefined ? job : `${job}/${task}`} is known on this node`,
    advice: 'nvl status --json lists all tasks that are known; a job is named by its id, or an allocation by its own',
  });
