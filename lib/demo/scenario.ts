import type { DemoJob } from './allocation.ts';
import { type LineStyle, nextLines, streamOf } from './lines.ts';
import type { DemoNode } from './node.ts';
import { createRandom, type Random } from './random.ts';

/**
 * A small day at a shop, told on a demo node: a web server, an API that is deployed anew now and then, a worker, a search
 * in Java, a database, and a report that runs for a few seconds and ends. `profiles` names what tasks ask for with `nvl_profile`, by the way they log.
 */
export const startScenario = async ({
  node,
  seed,
  profiles = {},
  stepMs = 250,
}: {
  node: DemoNode;
  seed: number;
  profiles?: Partial<Record<LineStyle, string>>;
  /** How long one step takes; each running task says up to two things in it. */
  stepMs?: number;
}): Promise<{ stop: () => Promise<void> }> => {
  const random = createRandom(seed);
  const cast = castOf(profiles);
  const running: Running[] = [];
  const finished: { id: string; step: number }[] = [];
  const start = async (role: Role) => {
    for (const id of await node.startJob(role.job))
      running.push({ id, role, random: createRandom(random.between(0, 2 ** 31)), written: new Map(), steps: 0 });
  };
  for (const role of cast) await start(role);

  let step = 0;
  const play = async () => {
    step += 1;
    for (const allocation of running) writeStep({ node, allocation });
    for (const done of running.filter(({ role, steps }) => role.lasts !== undefined && steps >= role.lasts)) {
      node.finishAllocation(done.id);
      running.splice(running.indexOf(done), 1);
      finished.push({ id: done.id, step });
    }
    for (const role of cast) if (role.every !== undefined && step % role.every === 0) await start(role);
    if (step % DEPLOY_EVERY === 0)
      finished.push(...(await deploy({ node, running, start })).map((id) => ({ id, step })));
    while ((finished[0]?.step ?? step) + KEPT_STEPS < step) node.removeAllocation(finished.shift()?.id ?? '');
  };

  // One step at a time: a start takes longer than the pause between two.
  let isStopped = false;
  let timer: NodeJS.Timeout | undefined;
  let playing = Promise.resolve();
  const next = () => {
    timer = setTimeout(() => {
      playing = play().then(() => {
        if (!isStopped) next();
      });
    }, stepMs);
  };
  next();
  return {
    stop: async () => {
      isStopped = true;
      clearTimeout(timer);
      await playing;
    },
  };
};

/** Of each so many steps, the last one brings the next version of the API. */
const DEPLOY_EVERY = 60;

/** A finished allocation is collected, folder and all, after so many steps. */
const KEPT_STEPS = 300;

type Role = {
  job: DemoJob;
  styles: Readonly<Record<string, LineStyle>>;
  /** All are there from the beginning; this one is started anew each so many steps. */
  every?: number;
  /** Ends by itself after so many steps. */
  lasts?: number;
};

type Running = { id: string; role: Role; random: Random; written: Map<string, number>; steps: number };

const castOf = (profiles: Partial<Record<LineStyle, string>>): Role[] => {
  const meta = (style: LineStyle, rest: Record<string, string>) => ({
    ...rest,
    ...(profiles[style] === undefined ? {} : { nvl_profile: profiles[style] }),
  });
  return [
    {
      job: {
        id: 'shop',
        group: 'web',
        tags: ['public'],
        tasks: [{ name: 'nginx', meta: meta('access', { team: 'web' }) }],
      },
      styles: { nginx: 'access' },
    },
    {
      job: {
        id: 'checkout',
        namespace: 'payments',
        group: 'api',
        count: 2,
        meta: meta('logfmt', { team: 'payments' }),
        tasks: [{ name: 'server' }, { name: 'server-proxy', isSidecar: true }],
      },
      styles: { server: 'logfmt', 'server-proxy': 'logfmt' },
    },
    {
      job: { id: 'mailer', group: 'queue', meta: meta('json', {}), tasks: [{ name: 'worker' }] },
      styles: { worker: 'json' },
    },
    {
      job: { id: 'catalog', group: 'search', meta: meta('java', {}), tasks: [{ name: 'app' }] },
      styles: { app: 'java' },
    },
    {
      job: { id: 'orders-db', group: 'db', meta: meta('postgres', {}), tasks: [{ name: 'postgres' }] },
      styles: { postgres: 'postgres' },
    },
    {
      job: { id: 'nightly/report', type: 'batch', group: 'report', meta: meta('plain', {}), tasks: [{ name: 'rows' }] },
      styles: { rows: 'plain' },
      every: 40,
      lasts: 12,
    },
  ];
};

const writeStep = ({ node, allocation }: { node: DemoNode; allocation: Running }): void => {
  allocation.steps += 1;
  for (const [task, style] of Object.entries(allocation.role.styles)) {
    const first = allocation.written.get(task) ?? 0;
    const count = allocation.random.between(0, 2);
    const lines = Array.from({ length: count }, (_, offset) =>
      nextLines({ style, random: allocation.random, now: new Date(), step: first + offset }),
    ).flat();
    allocation.written.set(task, first + count);
    if (count > 0) node.writeLines({ id: allocation.id, task, stream: streamOf(style), lines });
  }
};

/**
 * The next version starts before the last one stops, and that one has something to say on its way out. Gives the ids
 * of those that stopped.
 */
const deploy = async ({
  node,
  running,
  start,
}: {
  node: DemoNode;
  running: Running[];
  start: (role: Role) => Promise<void>;
}): Promise<string[]> => {
  const old = running.filter(({ role }) => role.job.id === 'checkout');
  const role = old[0]?.role;
  if (role === undefined) return [];
  await start(role);
  for (const allocation of old) {
    running.splice(running.indexOf(allocation), 1);
    const lines = ['level=info msg="shutting down"', 'level=info msg=bye'];
    node.writeLines({ id: allocation.id, task: 'server', lines, isLastBare: true });
    await node.stopAllocation(allocation.id);
  }
  return old.map(({ id }) => id);
};
