import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { metaHeaders, startFakeNomad } from './fake-nomad.ts';

export const idOfNode = (number: number): string => `${String(number).padStart(8, '0')}-0000-4000-8000-000000000000`;

/** All that comes. */
export const gather = async <T>(items: AsyncIterable<T>): Promise<T[]> => {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
};

/** An event as Nomad 2.0.6 writes it, with sorted keys; what nvl does not look at is left out. */
export const anEvent = ({
  index,
  nodeId,
  key = `alloc-${index}`,
  scored = [],
  says = '',
}: {
  index: number;
  nodeId: string;
  /** The allocation's id. */
  key?: string;
  /** Nodes that the scheduler thought of. */
  scored?: readonly string[];
  /** What a task of it tells. */
  says?: string;
}): string =>
  JSON.stringify({
    FilterKeys: ['job', ''],
    Index: index,
    Key: key,
    Namespace: 'default',
    Payload: {
      Allocation: {
        ClientStatus: 'running',
        ID: key,
        Metrics: { ScoreMetaData: scored.map((NodeID) => ({ NodeID, NormScore: 0.5 })) },
        ModifyIndex: index,
        NodeID: nodeId,
        NodeName: 'a-node',
        TaskStates: { t: { Events: [{ DisplayMessage: says }] } },
      },
    },
    Topic: 'Allocation',
    Type: 'AllocationUpdated',
  });

/** A line of the stream: the events of one change. */
export const eventLine = (index: number, events: readonly string[]): string =>
  `{"Events":[${events.join(',')}],"Index":${index}}\n`;

/** One open stream: what is written to it, and how it ends. */
export type OpenStream = {
  /** What it was asked from. */
  index: number;
  write(text: string | Buffer): Promise<void>;
  /** In whole, as Nomad ends one. */
  end(): void;
  /** In the middle. */
  cut(): void;
};

/**
 * An agent with one node, whose list and events a test drives: `change` alters the list, and tells it on each open stream. `onStream` decides what one says at
 * its start; unset, it sends a heartbeat and what it has from the index on, as Nomad does.
 */
export const startEventAgent = async ({
  nodeId = idOfNode(1),
  remembers = 100,
  onStream,
}: {
  nodeId?: string;
  /** How many batches it has at most. */
  remembers?: number;
  onStream?: (response: ServerResponse, request: IncomingMessage, count: number) => 'as Nomad' | undefined;
} = {}) => {
  const nomad = { index: 10, listIndex: 10, allocations: 0, batches: [] as { index: number; text: string }[] };
  const streams: OpenStream[] = [];
  const waiting: { above: number; answer: () => void }[] = [];
  const lists: { index: number; opened: number; isAnswered: boolean }[] = [];
  let count = 0;

  const answerList = (request: IncomingMessage, response: ServerResponse): void => {
    const index = Number(new URL(request.url ?? '', 'http://x').searchParams.get('index') ?? 0);
    const one = { index, opened: count, isAnswered: false };
    lists.push(one);
    const answer = (): void => {
      one.isAnswered = true;
      const list = Array.from({ length: nomad.allocations }, (_, at) => anAllocation({ at, nodeId }));
      response.writeHead(200, { ...metaHeaders, 'x-nomad-index': String(nomad.listIndex) }).end(JSON.stringify(list));
    };
    if (index < nomad.listIndex) answer();
    else waiting.push({ above: index, answer });
  };
  const openStream = (request: IncomingMessage, response: ServerResponse): void => {
    const index = Number(new URL(request.url ?? '', 'http://x').searchParams.get('index') ?? 0);
    count += 1;
    const says = onStream === undefined ? 'as Nomad' : onStream(response, request, count);
    if (says === undefined) return;
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' });
    response.write('{}\n');
    for (const { text } of from(nomad.batches, index)) response.write(text);
    const stream: OpenStream = {
      index,
      write: (text) => new Promise((resolve) => response.write(text, () => resolve())),
      end: () => void response.end(),
      cut: () => void response.destroy(),
    };
    streams.push(stream);
    response.on('close', () => streams.splice(streams.indexOf(stream), 1));
  };
  const answer: RequestListener = (request, response) =>
    request.url?.startsWith('/v1/event/stream') ? openStream(request, response) : answerList(request, response);
  const { address, asked } = await startFakeNomad({ answer });

  const publish = (isOurs: boolean): string => {
    nomad.index += 1;
    const event = anEvent({ index: nomad.index, nodeId: isOurs ? nodeId : idOfNode(2) });
    const text = eventLine(nomad.index, [event]);
    nomad.batches = [...nomad.batches, { index: nomad.index, text }].slice(-remembers);
    return text;
  };
  const release = (): void => {
    for (const one of waiting.splice(0)) one.above < nomad.listIndex ? one.answer() : waiting.push(one);
  };
  return {
    address,
    nodeId,
    /** All requests so far. */
    asked,
    /** The questions for the list so far: the index they wait for (0 waits for none), and how many streams there had been. */
    lists,
    /** Those that are open now. */
    streams,
    /** How many were opened. */
    opened: () => count,
    index: () => nomad.index,
    /** An allocation more on the node. `isTold`: by an event. */
    change: ({ isTold = true, isListed = true } = {}): void => {
      const text = publish(true);
      nomad.allocations += 1;
      if (isListed) nomad.listIndex = nomad.index;
      release();
      if (isTold) for (const stream of streams) void stream.write(text);
    },
    /** The list catches up with the events. */
    catchUp: (): void => {
      nomad.listIndex = nomad.index;
      release();
    },
    /** A change on another node. */
    changeElsewhere: (): void => {
      const text = publish(false);
      for (const stream of streams) void stream.write(text);
    },
    /** Another state: it begins with a low index, and knows no event. Who waits for a list gets it. */
    restart: (): void => {
      Object.assign(nomad, { index: 3, listIndex: 3, batches: [] });
      for (const one of waiting.splice(0)) one.answer();
      for (const stream of [...streams]) stream.cut();
    },
    /** It forgets the oldest events, all but so many. */
    forget: (left: number): void => {
      nomad.batches = left === 0 ? [] : nomad.batches.slice(-left);
    },
  };
};

/** Batches from the first that is not older, or the newest alone, as Nomad's buffer has it. */
const from = <T extends { index: number }>(batches: readonly T[], index: number): readonly T[] => {
  const at = batches.findIndex((batch) => batch.index >= index);
  return at === -1 ? batches.slice(-1) : batches.slice(at);
};

const anAllocation = ({ at, nodeId }: { at: number; nodeId: string }) => ({
  ID: `a0000000-0000-4000-8000-${String(at).padStart(12, '0')}`,
  NodeID: nodeId,
  Namespace: 'default',
  JobID: 'job',
  TaskGroup: 'g',
  ClientStatus: 'running',
  Job: { ID: 'job', TaskGroups: [{ Name: 'g', Tasks: [{ Name: 't', Driver: 'raw_exec' }] }] },
  TaskStates: { t: { State: 'running' } },
});
