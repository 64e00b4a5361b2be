import { readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished } from 'vitest';
import type { Config } from '../../lib/config/config.ts';
import { createRandom } from '../../lib/demo/random.ts';
import { shuffleKeys } from '../../lib/demo/shuffle.ts';
import type { NvlError } from '../../lib/errors.ts';
import { createNomadClient, type ListAnswer, type ListQuestion, type NomadClient } from '../../lib/nomad/client.ts';

export const recorded = (name: 'agent-self' | 'node' | 'node-allocations'): string =>
  readFileSync(new URL(`../fixtures/recorded/${name}.json`, import.meta.url), 'utf8');

/** What Nomad's servers put on every answer. */
export const metaHeaders = { 'x-nomad-index': '42', 'x-nomad-knownleader': 'true', 'x-nomad-lastcontact': '0' };

export type FakeNomad = {
  address: string;
  /** What was asked so far, oldest first. */
  asked: http.IncomingMessage[];
};

const random = createRandom(1);

/** As Nomad does: the keys of every map in another order in each answer. What is no JSON stays as it is. */
const shuffledText = (body: unknown): unknown => {
  if (typeof body !== 'string') return body;
  try {
    return JSON.stringify(shuffleKeys(JSON.parse(body), random));
  } catch {
    return body;
  }
};

/** An HTTP server of the test's own, on a free port or a socket; it ends with the test. */
export const startFakeNomad = async ({
  answer,
  tls,
  socketPath,
}: {
  answer: http.RequestListener;
  tls?: https.ServerOptions;
  socketPath?: string;
}): Promise<FakeNomad> => {
  const asked: http.IncomingMessage[] = [];
  const listener: http.RequestListener = (request, response) => {
    asked.push(request);
    const end = response.end.bind(response) as (body?: unknown) => http.ServerResponse;
    response.end = ((body?: unknown) => end(shuffledText(body))) as typeof response.end;
    answer(request, response);
  };
  const server = tls === undefined ? http.createServer(listener) : https.createServer(tls, listener);
  await new Promise<void>((resolve) => {
    if (socketPath === undefined) server.listen(0, '127.0.0.1', resolve);
    else server.listen(socketPath, resolve);
  });
  onTestFinished(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(() => resolve()));
  });
  const port = () => (server.address() as AddressInfo).port;
  const address =
    socketPath === undefined ? `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port()}` : `unix://${socketPath}`;
  return { address, asked };
};

/** Answers everything alike. */
export const always =
  ({
    status = 200,
    body = '[]',
    headers = metaHeaders,
  }: {
    status?: number;
    body?: string;
    headers?: http.OutgoingHttpHeaders;
  }): http.RequestListener =>
  (_request, response) => {
    response.writeHead(status, headers).end(body);
  };

export const settingsOf = (parts: Partial<Config['nomad']> & { address: string }): Config['nomad'] => ({
  tlsSkipVerify: false,
  interval: 30_000,
  news: 'list',
  timeout: 5_000,
  stale: true,
  ...parts,
});

/** A client whose lists are whole values. */
export type WholeClient = Omit<NomadClient, 'nodeAllocations'> & {
  nodeAllocations(
    nodeId: string,
    question?: Omit<ListQuestion, 'onElement'>,
  ): Promise<ListAnswer & { allocations: unknown[] }>;
};

export const wholeLists = (client: NomadClient): WholeClient => ({
  ...client,
  nodeAllocations: async (nodeId, question = {}) => {
    const allocations: unknown[] = [];
    const answer = await client.nodeAllocations(nodeId, {
      ...question,
      onElement: ({ text }) => void allocations.push(JSON.parse(text())),
    });
    return { ...answer, allocations };
  },
});

/** Closed when the test ends. */
export const aClient = (settings: Partial<Config['nomad']> & { address: string }): WholeClient =>
  wholeLists(aPlainClient(settings));

export const aPlainClient = (settings: Partial<Config['nomad']> & { address: string }): NomadClient => {
  const client = createNomadClient(settingsOf(settings));
  onTestFinished(() => client.close());
  return client;
};

/** What a promise rejects with. */
export const failureOf = async (promise: Promise<unknown>): Promise<NvlError> =>
  promise.then(
    () => expect.unreachable('it should have failed'),
    (error) => error,
  );
