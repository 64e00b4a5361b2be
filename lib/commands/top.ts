import { pause } from '../backoff.ts';
import type { Config } from '../config/config.ts';
import { parseDuration } from '../duration.ts';
import { messageOf, NvlError } from '../errors.ts';
import type { NodeStatus } from '../status/status.ts';
import { usesBetween } from '../top/counters.ts';
import { metricsAway, metricsPlace } from '../top/metrics-place.ts';
import { type By, type TopReport, topReport } from '../top/report.ts';
import { mostFirst, type SortBy, showTop } from '../top/show-top.ts';
import { cpuSecondsOf } from '../vector/process/identity.ts';
import { fetchSamples, type Sample } from '../vector/process/samples.ts';
import { EXIT, type Io, showAnew } from '../wiring/io.ts';
import { nodeStatus } from '../wiring/node-status.ts';
import { configFor, type Flags, textFlag } from '../wiring/prepare.ts';
import { readTeamFiles } from '../wiring/running-vector.ts';

/** `nvl top`: lines, bytes, drops and processor time of each job, as the running Vector counts them, again and again. */
export const topCommand = async ({
  io,
  flags,
  rest,
}: {
  io: Io;
  flags: Flags;
  args: string[];
  /** Behind `--`: the Vector that nvl runs. */
  rest: string[];
}): Promise<number> => {
  const everyMs = intervalOf(flags);
  const config = await configFor({ io, flags });
  const url = await placeOf({ io, flags, config, rest });
  const look = (): Promise<Look> => lookAt({ url, config, signal: io.signal });
  const say = (text: string): void => io.err(`nvl: ${text}\n`);
  try {
    let last: Look | undefined = await look();
    if (!tellsOfVector(last)) throw metricsAway({ url, said: 'a page without any component of Vector’s' });
    say(`counts for ${everyMs / 1_000} s, by ${url}`);
    for (;;) {
      await pause(everyMs, io.signal);
      const next = await look().catch((error: unknown) => {
        if (flags.once === true || io.signal.aborted) throw error;
        say(messageOf(error));
        return undefined;
      });
      if (last === undefined || next === undefined || !areComparable({ last, next })) last = next;
      // The page is that of before where Vector's metrics are taken less often than is looked.
      else if (next.pageAt === undefined || next.pageAt !== last.pageAt) {
        await show({ io, flags, report: reportOf({ last, next, flags }) });
        if (flags.once === true) return EXIT.done;
        last = next;
      }
    }
  } catch (error) {
    if (io.signal.aborted) return EXIT.done;
    throw error;
  }
};

const tellsOfVector = ({ samples }: Look): boolean => samples.some(({ labels }) => labels.component_id !== undefined);

/** There is something to begin with, and it is the same Vector. */
const areComparable = ({ last, next }: { last: Look; next: Look }): boolean =>
  tellsOfVector(last) && last.status.vector.pid === next.status.vector.pid;

/** Vector's own metrics are a second behind. */
const LEAST_MS = 1_000;

const intervalOf = (flags: Flags): number => {
  const text = textFlag(flags, 'interval') ?? '';
  const parsed = parseDuration(text);
  if ('ms' in parsed && parsed.ms >= LEAST_MS) return parsed.ms;
  throw new NvlError('usage', {
    message: `--interval ${'fault' in parsed ? `${JSON.stringify(text)} ${parsed.fault}` : `is at least ${LEAST_MS / 1_000}s`}`,
    advice: 'write, for example, --interval 10s',
  });
};

const placeOf = async ({
  io,
  flags,
  config,
  rest,
}: {
  io: Io;
  flags: Flags;
  config: Config;
  rest: string[];
}): Promise<string> => {
  const { exporters } = await readTeamFiles({ config, cwd: io.cwd, rest });
  const url = metricsPlace({ asked: textFlag(flags, 'url'), configured: config.reload.metrics, exporters });
  if (url === undefined) throw metricsAway({ url });
  return url;
};

/** What there is to know at one moment. */
type Look = {
  at: number;
  /** When Vector's page is of, where it says so. */
  pageAt: number | undefined;
  samples: readonly Sample[];
  status: NodeStatus;
  cpuSeconds: number | undefined;
};

const READ_TIMEOUT_MS = 5_000;

const lookAt = async ({ url, config, signal }: { url: string; config: Config; signal: AbortSignal }): Promise<Look> => {
  const status = await nodeStatus({ config, signal });
  const { pid } = status.vector;
  const cpuSeconds = pid === null ? undefined : await cpuSecondsOf(pid);
  const samples = await fetchSamples({ url, readTimeoutMs: READ_TIMEOUT_MS, signal }).catch((error: unknown) => {
    throw metricsAway({
      url,
      said: messageOf(error instanceof Error && error.cause !== undefined ? error.cause : error),
    });
  });
  const times = samples.flatMap(({ at }) => at ?? []);
  const pageAt = times.length === 0 ? undefined : times.reduce((latest, at) => Math.max(latest, at), 0);
  return { at: Date.now(), pageAt, samples, status, cpuSeconds };
};

const reportOf = ({ last, next, flags }: { last: Look; next: Look; flags: Flags }): TopReport => {
  const { at, pageAt, samples, status, cpuSeconds } = next;
  const lookedFor = (at - last.at) / 1_000;
  const seconds = pageAt === undefined || last.pageAt === undefined ? lookedFor : (pageAt - last.pageAt) / 1_000;
  const spent = cpuSeconds === undefined || last.cpuSeconds === undefined ? undefined : cpuSeconds - last.cpuSeconds;
  // Also those that have gone meanwhile.
  const tasks = new Map([...last.status.list, ...status.list].map((task) => [task.id, task]));
  const report = topReport({
    uses: usesBetween({ before: last.samples, after: samples }),
    tasks: [...tasks.values()],
    by: textFlag(flags, 'by') as By,
    at,
    seconds,
    node: status.node.name,
    vectorCpuPercent: spent === undefined ? null : (spent / lookedFor) * 100,
    tasksLeftOut: status.leftOut,
  });
  return { ...report, rows: mostFirst({ rows: report.rows, sort: textFlag(flags, 'sort') as SortBy }) };
};

const show = async ({ io, flags, report }: { io: Io; flags: Flags; report: TopReport }): Promise<void> => {
  const isJson = flags.json === true;
  const text = isJson ? `${JSON.stringify(report)}\n` : showTop(report);
  await showAnew({ io, text, isScreen: !isJson && flags.once !== true });
};
