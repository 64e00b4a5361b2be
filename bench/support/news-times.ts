import { watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pino } from 'pino';
import { configSchema } from '../../lib/config/schema.ts';
import { createNomadClient, type NomadClient } from '../../lib/nomad/client.ts';
import { nomadSource } from '../../lib/nomad/node-source.ts';
import { watchNomadEvents } from '../../lib/watch/nomad-events.ts';
import { watchNomadNews } from '../../lib/watch/nomad-news.ts';
import type { NomadAgent } from '../../test/support/nomad-agent.ts';

/** Ways to hear of an allocation. */
export const NEWS_WAYS = [
  'the list, held back',
  'an event, then the list',
  'its folder, then its id',
  'the list each 5 s',
] as const;

export type NewsWay = (typeof NEWS_WAYS)[number];

/** When the allocation of each job was known with its job, in ms since Nomad had created it, by way. All ways are followed at once, on one agent. */
export const timeNews = async ({
  agent,
  jobs,
  jobOf,
}: {
  agent: NomadAgent;
  jobs: number;
  jobOf: (at: number) => Record<string, unknown>;
}): Promise<Record<NewsWay, number[]>> => {
  const ending = new AbortController();
  const { signal } = ending;
  const known = new Map<string, number>();
  const clientOf = (way: NewsWay) =>
    spying({
      client: createNomadClient({ ...configSchema.parse({}).nomad, address: agent.address }),
      seen: (text) => note({ way, text, known }),
    });
  const log = pino({ level: 'silent' });
  const sourceOf = (way: NewsWay) =>
    nomadSource({ client: clientOf(way), nodeId: agent.nodeId, allocDir: agent.allocDir, intervalMs: 300_000 });
  const given = { nodeId: agent.nodeId, onNews: () => {}, log, signal };
  const watches = [
    watchNomadNews({ follow: sourceOf(NEWS_WAYS[0]).follow, ...given }),
    watchNomadEvents({ source: sourceOf(NEWS_WAYS[1]), ...given }),
    poll({ client: clientOf(NEWS_WAYS[3]), nodeId: agent.nodeId, signal }),
  ];
  const byId = clientOf(NEWS_WAYS[2]);
  const folders = watch(agent.allocDir, (event, name) => {
    if (event === 'rename' && name !== null)
      void byId.allocation(name).then(
        (found) => {
          if (found !== undefined) note({ way: NEWS_WAYS[2], text: JSON.stringify(found), known });
        },
        () => {},
      );
  });
  await sleep(2_000);
  const created = new Map<string, number>();
  for (let at = 0; at < jobs; at += 1) {
    const job = jobOf(at);
    await agent.run({ job });
    // Not in step with the one that asks each 5 s.
    await sleep(1_300);
    const [allocation] = await agent.request<{ CreateTime: number }[]>('GET', `/v1/job/${String(job.ID)}/allocations`);
    created.set(String(job.ID), (allocation?.CreateTime ?? Number.NaN) / 1e6);
  }
  await sleep(6_000);
  folders.close();
  ending.abort();
  await Promise.all(watches);
  return Object.fromEntries(
    NEWS_WAYS.map((way) => [way, [...created].map(([id, at]) => (known.get(`${way} ${id}`) ?? Number.NaN) - at)]),
  ) as Record<NewsWay, number[]>;
};

/** The first time that a job's allocation is told in this way. */
const note = ({ way, text, known }: { way: NewsWay; text: string; known: Map<string, number> }): void => {
  const { JobID } = JSON.parse(text) as { JobID: string };
  const key = `${way} ${JobID}`;
  if (!known.has(key)) known.set(key, Date.now());
};

/** A client that says what lists hold, once they are whole. */
const spying = ({ client, seen }: { client: NomadClient; seen: (text: string) => void }): NomadClient => ({
  ...client,
  nodeAllocations: async (nodeId, question) => {
    const texts: string[] = [];
    const onElement: typeof question.onElement = (element) => {
      texts.push(element.text());
      question.onElement(element);
    };
    const answer = await client.nodeAllocations(nodeId, { ...question, onElement });
    for (const text of texts) seen(text);
    return answer;
  },
});

const poll = async ({
  client,
  nodeId,
  signal,
}: {
  client: NomadClient;
  nodeId: string;
  signal: AbortSignal;
}): Promise<void> => {
  while (!signal.aborted) {
    await client.nodeAllocations(nodeId, { signal, onElement: () => {} }).catch(() => {});
    await sleep(5_000, undefined, { signal }).catch(() => {});
  }
};
