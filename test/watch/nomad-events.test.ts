import type { IncomingMessage, ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { nomadSource } from '../../lib/nomad/node-source.ts';
import { watchNomadEvents } from '../../lib/watch/nomad-events.ts';
import { anEvent, eventLine, idOfNode, startEventAgent } from '../nomad/event-stand-in.ts';
import { aPlainClient } from '../nomad/fake-nomad.ts';
import { waitUntil } from '../support/wait.ts';
import { aLog } from './support.ts';

type Agent = Awaited<ReturnType<typeof startEventAgent>>;

const MINUTES_5 = 300_000;

/** Watches this agent through real HTTP, until the test ends. */
const watch = ({
  agent,
  intervalMs = MINUTES_5,
  timeout = 5_000,
}: {
  agent: Agent;
  intervalMs?: number;
  /** How long the first heartbeat may take. */
  timeout?: number;
}) => {
  const client = aPlainClient({ address: agent.address, timeout });
  const source = nomadSource({ client, nodeId: agent.nodeId, allocDir: '/alloc', intervalMs });
  const { log, lines } = aLog();
  const ending = new AbortController();
  let news = 0;
  const watching = watchNomadEvents({
    source,
    nodeId: agent.nodeId,
    onNews: () => void news++,
    log,
    signal: ending.signal,
    random: () => 0,
  });
  const stop = async () => {
    ending.abort();
    await watching;
  };
  onTestFinished(stop);
  return { news: () => news, lines, stop };
};

/** The watcher is at rest: a stream is open, and the list is known. */
const settled = async (agent: Agent): Promise<void> => {
  await waitUntil('a stream', () => agent.streams.length === 1);
  await waitUntil('a list behind it', () =>
    agent.lists.some(({ index, opened, isAnswered }) => index === 0 && opened > 0 && isAnswered),
  );
  await quiet(300);
};

const quiet = (ms = 150): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const asksOf = async (agent: Agent, act: () => unknown): Promise<number[]> => {
  const before = agent.lists.length;
  await act();
  return agent.lists.slice(before).map(({ index }) => index);
};

test('an event of this node brings news, minutes before the interval, by one question for the list that has it', async () => {
  const agent = await startEventAgent();
  const { news, lines } = watch({ agent });
  await settled(agent);
  const before = news();
  const asked = await asksOf(agent, async () => {
    agent.change();
    await waitUntil('news', () => news() > before);
    await quiet();
  });
  expect({ asked, news: news() - before, lines }).toEqual({ asked: [agent.index() - 1], news: 1, lines: [] });
});

test('the list of a server that lags behind is waited for', async () => {
  const agent = await startEventAgent();
  const { news } = watch({ agent });
  await settled(agent);
  const before = news();
  agent.change({ isListed: false });
  await quiet();
  expect(news()).toBe(before);
  agent.catchUp();
  await waitUntil('news', () => news() > before);
});

test('a burst of events is few questions', async () => {
  const agent = await startEventAgent();
  const { news } = watch({ agent });
  await settled(agent);
  const before = news();
  const asked = await asksOf(agent, async () => {
    for (let count = 0; count < 200; count += 1) agent.change();
    await waitUntil('news', () => news() > before);
    await quiet(500);
  });
  expect(asked.length).toBeLessThan(10);
});

test('10 MB of events of other nodes call for nothing, and are read as fast as they come, also while the list is late', async () => {
  const agent = await startEventAgent();
  const { news } = watch({ agent });
  await settled(agent);
  agent.change({ isListed: false });
  const before = news();
  const asked = await asksOf(agent, async () => {
    const says = 'x'.repeat(4_000);
    const lines = Array.from({ length: 250 }, (_, at) =>
      eventLine(100 + at, [anEvent({ index: 100 + at, nodeId: idOfNode(2), says })]),
    ).join('');
    // Nothing that is written waits for the reader beyond what the kernel holds.
    for (let mb = 0; mb < 10; mb += 1)
      await agent.streams[0]?.write(lines.replaceAll('"Index":1', `"Index":${mb + 1}1`));
    await quiet(50);
  });
  expect({ more: asked.length <= 1, news: news() - before, open: agent.streams.length }).toEqual({
    more: true,
    news: 0,
    open: 1,
  });
});

test.each<[how: string, end: (agent: Agent) => unknown]>([
  ['is ended', (agent) => agent.streams[0]?.end()],
  ['is cut', (agent) => agent.streams[0]?.cut()],
  [
    'is cut in the middle of an event',
    async (agent) => {
      await agent.streams[0]?.write('{"Events":[{"Filter');
      agent.streams[0]?.cut();
    },
  ],
])(
  'a stream that %s is opened again where it was; a change meanwhile is news, and the list is not taken for it alone',
  async (_, end) => {
    const agent = await startEventAgent();
    const { news, lines } = watch({ agent });
    await settled(agent);
    agent.changeElsewhere();
    await quiet();
    const at = agent.index();
    const before = news();
    const asked = await asksOf(agent, async () => {
      await end(agent);
      agent.change({ isTold: false });
      await waitUntil('another stream', () => agent.streams[0]?.index === at);
      await waitUntil('news', () => news() > before);
      await quiet();
    });
    expect({ asked, lines }).toEqual({ asked: [agent.index() - 1], lines: [] });
  },
);

test('a stream that goes on where it broke off takes no list', async () => {
  const agent = await startEventAgent();
  watch({ agent });
  await settled(agent);
  agent.changeElsewhere();
  await quiet();
  const asked = await asksOf(agent, async () => {
    agent.streams[0]?.cut();
    await waitUntil('another stream', () => agent.opened() === 2 && agent.streams.length === 1);
    agent.changeElsewhere();
    await quiet(1_300);
  });
  expect(asked).toEqual([]);
});

test.each([
  ['for older ones', 1],
  ['and has none', 0],
])('where Nomad has let events go %s, the list is taken', async (_, left) => {
  const agent = await startEventAgent();
  const { news } = watch({ agent });
  await settled(agent);
  agent.changeElsewhere();
  await quiet();
  const before = news();
  agent.streams[0]?.cut();
  agent.change({ isTold: false });
  if (left > 0) agent.changeElsewhere();
  agent.forget(left);
  await waitUntil('news', () => news() > before, { timeoutMs: 5_000 });
  expect(agent.lists.at(-1)?.index).toBe(0);
});

test('servers that begin anew with low indexes: the list is taken, and their first events count', async () => {
  const agent = await startEventAgent();
  const { news } = watch({ agent });
  await settled(agent);
  for (let count = 0; count < 20; count += 1) agent.changeElsewhere();
  await quiet();
  agent.restart();
  await waitUntil('another stream', () => agent.opened() === 2 && agent.streams.length === 1);
  const before = news();
  agent.change();
  await waitUntil('news', () => news() > before, { timeoutMs: 5_000 });
  await quiet(1_300);
  const then = news();
  agent.change();
  await waitUntil('news again', () => news() > then, { timeoutMs: 5_000 });
});

test('what is no event has the list taken, and another stream opened', async () => {
  const agent = await startEventAgent();
  const { news } = watch({ agent });
  await settled(agent);
  const before = news();
  agent.change({ isTold: false });
  await agent.streams[0]?.write('<html>502</html>\n');
  await waitUntil('news', () => news() > before, { timeoutMs: 5_000 });
  await waitUntil('another stream', () => agent.opened() > 1);
});

test('a change that the list has and no event told, as of a namespace that was made later, has the stream opened anew', async () => {
  const agent = await startEventAgent();
  const { news } = watch({ agent, intervalMs: 400 });
  await settled(agent);
  const [before, opened] = [news(), agent.opened()];
  agent.change({ isTold: false });
  await waitUntil('news', () => news() > before, { timeoutMs: 5_000 });
  await waitUntil('another stream', () => agent.opened() > opened && agent.streams.length === 1);
});

type Says = (response: ServerResponse, request: IncomingMessage) => void;

const head = { 'content-type': 'application/json', connection: 'close' };

test.each<[what: string, says: Says, told: RegExp]>([
  ['403, as Nomad before 1.11.2', (response) => void response.writeHead(403).end('Permission denied'), /refused/],
  ['an empty 200, as Nomad since', (response) => void response.writeHead(200, head).end(), /sends nothing/],
  [
    'a 200 and silence, as Nomad since',
    (response) => void response.writeHead(200, head).flushHeaders(),
    /sends nothing/,
  ],
  ['500', (response) => void response.writeHead(500).end('No cluster leader'), /no leader/],
  ['404, as something that is no Nomad', (response) => void response.writeHead(404).end('none'), /as it should/],
  ['no answer at all', () => {}, /longer than/],
  ['a page', (response) => void response.writeHead(200).end('<html></html>\n'), /no event/],
  [
    'broken chunks',
    (response) => {
      response.socket?.end('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\n');
    },
    /sends nothing|does not answer as Nomad/,
  ],
])('where the stream is %s, the list is followed as without it, and one line says why', async (_, says, told) => {
  const agent = await startEventAgent({
    onStream: (response, request) => {
      says(response, request);
      return undefined;
    },
  });
  const { news, lines } = watch({ agent, timeout: 1_000 });
  await waitUntil('a line', () => lines.length > 0);
  await waitUntil('the list to be followed', () => agent.lists.at(-1)?.index === agent.index());
  const before = news();
  agent.change();
  await waitUntil('news', () => news() > before);
  const why = lines.filter((line) =>
    line.startsWith('warn no events from Nomad, its list is followed as without them: '),
  );
  expect(why).toEqual([expect.stringMatching(told)]);
});

test('a stream that is there at last is read, and told', async () => {
  let isAllowed = false;
  const agent = await startEventAgent({
    onStream: (response) => {
      if (isAllowed) return 'as Nomad';
      response.writeHead(403).end('Permission denied');
      return undefined;
    },
  });
  const { news, lines } = watch({ agent });
  await waitUntil('a line', () => lines.length > 0);
  isAllowed = true;
  await waitUntil('a stream', () => agent.streams.length === 1, { timeoutMs: 10_000 });
  await waitUntil('the list behind it', () => agent.lists.at(-1)?.index === 0);
  await quiet();
  const before = news();
  agent.change();
  await waitUntil('news', () => news() > before);
  expect(agent.lists.at(-1)?.index).toBe(agent.index() - 1);
  await waitUntil('the line of its end', () => lines.at(-1) === "info Nomad's event stream is read again");
});

test('streams that end as soon as they began are opened ever less often, and the list is followed meanwhile', async () => {
  const agent = await startEventAgent({
    onStream: (response) => {
      response.writeHead(200, head).end('{}\n');
      return undefined;
    },
  });
  const { news, lines } = watch({ agent });
  await waitUntil('a line', () => lines.length > 0, { timeoutMs: 5_000 });
  const before = news();
  agent.change();
  await waitUntil('news', () => news() > before);
  await quiet(1_500);
  expect(agent.opened()).toBeLessThan(8);
  // However often it begins and ends.
  expect(lines).toEqual([expect.stringContaining('Nomad ended its event stream')]);
});

test('an abort ends it at once, and closes the stream', async () => {
  const agent = await startEventAgent();
  const { stop } = watch({ agent });
  await settled(agent);
  const at = performance.now();
  await stop();
  expect(performance.now() - at).toBeLessThan(2_000);
  await waitUntil('the stream to be closed', () => agent.streams.length === 0);
});
