import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { CycleObserver } from '../daemon/session.ts';
import { packageRoot } from '../package-root.ts';
import { JSON_TYPE, type ServedText } from '../serve/answer-requests.ts';
import { STATUS_PATH } from '../serve/ask-socket.ts';
import { serveOnSocket } from '../serve/serve-socket.ts';
import type { HeldFacts } from '../status/held.ts';
import { MOST_LISTED, makeStatus } from '../status/make-status.ts';
import type { DaemonResources } from './session.ts';
import { statusFacts } from './status-facts.ts';

/** What the daemon holds for people who ask, and the socket that they ask on. */
export type StatusKeeper = {
  observer: CycleObserver;
  /** The configuration from now on. */
  use(config: Config): void;
  stop(): Promise<void>;
};

/** How often log files are looked at; asked for a status, it does so in between, too. */
const SAMPLE_MS = 10_000;
const LEAST_GAP_MS = 1_000;

/** How often it is seen whether somebody took the socket away. */
const REPAIR_MS = 10_000;

/**
 * Keeps what cycles come to and what log files look like, and answers `nvl status` with it. An answer is made of what is at hand: nobody
 * who asks has anything looked up, and no cycle waits.
 */
export const keepStatus = async ({ resources }: { resources: DaemonResources }): Promise<StatusKeeper> => {
  const { log, paths } = resources;
  const facts = statusFacts({ resources, version: ownVersion() });
  const sampler = createSampler({ sample: facts.sample, log });
  const answerOf = (url: URL): ServedText | undefined => {
    if (url.pathname !== STATUS_PATH) return undefined;
    sampler.soon();
    return statusAnswer({ url, held: facts.now() });
  };
  const socket = await serveOnSocket({ folder: paths.root, answerOf, log });
  const repairing = setInterval(() => void socket.repair(), REPAIR_MS).unref();
  return {
    observer: facts.observer,
    use: facts.use,
    stop: async () => {
      clearInterval(repairing);
      socket.close();
      await sampler.stop();
    },
  };
};

/** Of nvl's own package. */
export const ownVersion = (): string => {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
};

const statusAnswer = ({ url: { searchParams }, held }: { url: URL; held: HeldFacts }): ServedText => {
  const [job, task] = [searchParams.get('job') ?? undefined, searchParams.get('task') ?? undefined];
  const limit = Number(searchParams.get('limit') ?? MOST_LISTED);
  const status = makeStatus({
    held,
    asked: { job, task },
    limit: Number.isInteger(limit) ? Math.max(0, Math.min(limit, MOST_LISTED)) : MOST_LISTED,
  });
  return { status: 200, type: JSON_TYPE, body: `${JSON.stringify(status)}\n` };
};

/** Takes one sample after the other, and the next one sooner where somebody asks. */
const createSampler = ({ sample, log }: { sample: () => Promise<void>; log: DaemonResources['log'] }) => {
  let running: Promise<void> | undefined;
  let endedAt = 0;
  let told: string | undefined;
  const take = (): void => {
    running ??= sample()
      .catch((err: unknown) => {
        const said = String(err);
        if (said !== told) log.warn({ err }, 'log files cannot be looked at for nvl status');
        told = said;
      })
      .finally(() => {
        running = undefined;
        endedAt = Date.now();
      });
  };
  const timer = setInterval(take, SAMPLE_MS).unref();
  take();
  return {
    soon: (): void => {
      if (Date.now() - endedAt >= LEAST_GAP_MS) take();
    },
    stop: async (): Promise<void> => {
      clearInterval(timer);
      await running;
    },
  };
};
