import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import type { CycleObserver } from '../daemon/session.ts';
import { packageRoot } from '../package-root.ts';
import { JSON_TYPE, type ServedText } from '../serve/answer-requests.ts';
import { STATUS_PATH } from '../serve/ask-socket.ts';
import { serveOnAddress } from '../serve/serve-address.ts';
import { type SocketServer, serveOnSocket } from '../serve/serve-socket.ts';
import type { HeldFacts } from '../status/held.ts';
import { MOST_LISTED, makeStatus } from '../status/make-status.ts';
import { createPages } from './keep-metrics.ts';
import { nowAndThen } from './now-and-then.ts';
import { bothObservers } from './observed.ts';
import type { DaemonResources } from './session.ts';
import { statusFacts } from './status-facts.ts';

/** What the daemon holds for people who ask, and the socket that they ask on. */
export type StatusKeeper = {
  observer: CycleObserver;
  /** The configuration from now on. */
  use(config: Config): void;
  stop(): Promise<void>;
};

/** Nobody asks: log files are looked at this seldom, so that whoever asks then is told a rate. */
const REST_MS = 60_000;

/** A status is of files that were looked at this short a time ago; two who ask within it share a look. */
const STATUS_AGE_MS = 1_000;

/** The same of pages, which programs ask for all the time, and whoever reaches the address. */
const PAGE_AGE_MS = 10_000;

/** So long an answer waits for that, and is then of what is at hand. */
const LONGEST_WAIT_MS = 1_000;

/** How often it is seen whether somebody took the socket away, or an address has become free. */
const REPAIR_MS = 10_000;

/**
 * Keeps what cycles come to and what log files look like, and answers `nvl status`, Prometheus and checks with it. Files are looked at
 * for whoever asks, and once a minute else; no cycle waits. `/metrics` is at hand: who asks for it has the next one made.
 */
export const keepStatus = async ({ resources }: { resources: DaemonResources }): Promise<StatusKeeper> => {
  const { log, paths } = resources;
  const facts = statusFacts({ resources, version: ownVersion() });
  const pages = createPages();
  const showing = nowAndThen({ run: () => pages.refresh(makeStatus({ held: facts.now() })), log });
  const sampling = nowAndThen({ run: facts.sample, after: showing.soon, restMs: REST_MS, log });
  const pageAt = async (path: string): Promise<ServedText | undefined> => {
    if (path === '/metrics') void sampling.youngerThan(PAGE_AGE_MS);
    // They are of what cycles came to, and of no log file.
    else if (path === '/health' || path === '/readyz') await atMost(LONGEST_WAIT_MS, showing.youngerThan(PAGE_AGE_MS));
    return pages.answer(path);
  };
  const answerOf = async (url: URL): Promise<ServedText | undefined> => {
    if (url.pathname !== STATUS_PATH) return pageAt(url.pathname);
    await atMost(LONGEST_WAIT_MS, sampling.youngerThan(STATUS_AGE_MS));
    return statusAnswer({ url, held: facts.now() });
  };
  const socket = await serveOnSocket({ folder: paths.root, answerOf, log });
  const metrics = metricsServer({ pageAt, log });
  const repairing = setInterval(() => {
    void socket.repair();
    void metrics.repair();
  }, REPAIR_MS).unref();
  return {
    observer: bothObservers({ first: facts.observer, second: pages.observer, after: showing.soon }),
    use: (config) => {
      facts.use(config);
      metrics.use(config.metrics.address);
    },
    stop: async () => {
      clearInterval(repairing);
      socket.close();
      metrics.close();
      await Promise.all([sampling.stop(), showing.stop()]);
    },
  };
};

/** Waits for it, and no longer than so many milliseconds. */
const atMost = async (ms: number, wait: Promise<void>): Promise<void> => {
  const limit = Promise.withResolvers<void>();
  const timer = setTimeout(limit.resolve, ms).unref();
  await Promise.race([wait, limit.promise]);
  clearTimeout(timer);
};

/** Serves the pages where the configuration says; another address takes the place of the one before. */
const metricsServer = ({
  pageAt,
  log,
}: {
  pageAt: (path: string) => Promise<ServedText | undefined>;
  log: DaemonResources['log'];
}) => {
  let at = JSON.stringify(undefined);
  let server: Promise<SocketServer> | undefined;
  const close = (): void => void server?.then((one) => one.close());
  return {
    use: (address: Config['metrics']['address']): void => {
      if (JSON.stringify(address) === at) return;
      close();
      at = JSON.stringify(address);
      server = address && serveOnAddress({ ...address, log, answerOf: ({ pathname }) => pageAt(pathname) });
    },
    repair: async (): Promise<void> => (await server)?.repair(),
    close,
  };
};

/** Of nvl's own package. */
export const ownVersion = (): string => {
  const { version } = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8')) as { version: string };
  return version;
};

/** What is told of these facts; the query says of which tasks, and of how many. Pure. */
export const statusAnswer = ({ url: { searchParams }, held }: { url: URL; held: HeldFacts }): ServedText => {
  const [job, task] = [searchParams.get('job') ?? undefined, searchParams.get('task') ?? undefined];
  const limit = Number(searchParams.get('limit') ?? MOST_LISTED);
  const status = makeStatus({
    held,
    asked: { job, task },
    limit: Number.isInteger(limit) ? Math.max(0, Math.min(limit, MOST_LISTED)) : MOST_LISTED,
  });
  return { status: 200, type: JSON_TYPE, body: `${JSON.stringify(status)}\n` };
};
