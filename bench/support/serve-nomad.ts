import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What Nomad's agent would say, as JSON that is ready to be sent. */
export type NomadAnswers = {
  agentSelf: string;
  node: string;
  nodeId: string;
  /** Grows with each change of the list. */
  index: () => number;
  allocation: (id: string) => string | undefined;
  allocations: () => string;
  /** Resolves at the next change. */
  next: () => Promise<void>;
};

/**
 * Answers on 127.0.0.1 what collectors ask of a client agent, blocking queries included. It does as little as it can: what
 * it takes is taken from whoever is measured beside it.
 */
export const serveNomad = async (answers: NomadAnswers): Promise<{ address: string; close: () => Promise<void> }> => {
  const server = createServer((request, response) => void answer({ request, response, answers }));
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

type Exchange = { request: IncomingMessage; response: ServerResponse; answers: NomadAnswers };

const answer = async ({ request, response, answers }: Exchange): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://node');
  await block({ url, answers });
  const body = bodyOf({ path: url.pathname, answers });
  response.writeHead(body === undefined ? 404 : 200, {
    'Content-Type': 'application/json',
    'X-Nomad-Index': String(answers.index()),
    'X-Nomad-KnownLeader': 'true',
    'X-Nomad-LastContact': '0',
  });
  response.end(body ?? 'not found');
};

const bodyOf = ({ path, answers }: { path: string; answers: NomadAnswers }): string | undefined => {
  if (path === '/v1/agent/self') return answers.agentSelf;
  if (path === `/v1/node/${answers.nodeId}`) return answers.node;
  if (path === `/v1/node/${answers.nodeId}/allocations`) return answers.allocations();
  return /^\/v1\/allocation\/[^/]+$/.test(path) ? answers.allocation(path.split('/')[3] ?? '') : undefined;
};

const LONGEST_WAIT_MS = 60_000;

/** Holds a query with `index` back until the list has changed, or as long as it says: a minute at most. */
const block = async ({ url, answers }: { url: URL; answers: NomadAnswers }): Promise<void> => {
  const index = Number(url.searchParams.get('index') ?? 0);
  if (!(index > 0)) return;
  const end = sleep(waitMsOf(url.searchParams.get('wait') ?? ''), 'over', { ref: false });
  while (answers.index() <= index) if ((await Promise.race([answers.next(), end])) === 'over') return;
};

/** Of a duration as Go writes it, in one unit. */
const waitMsOf = (text: string): number => {
  const [, count, unit = ''] = /^(\d+)(ms|s|m)$/.exec(text) ?? [];
  const ms = { ms: 1, s: 1_000, m: 60_000 }[unit];
  return ms === undefined ? LONGEST_WAIT_MS : Math.min(LONGEST_WAIT_MS, Number(count) * ms);
};
