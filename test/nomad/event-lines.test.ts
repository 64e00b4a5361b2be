import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type EventLine, readEventLines } from '../../lib/nomad/event-lines.ts';
import { anEvent, eventLine, gather, idOfNode } from './event-stand-in.ts';
import { failureOf } from './fake-nomad.ts';

const here = idOfNode(1);
const there = idOfNode(2);

async function* piecesOf(pieces: readonly (string | Buffer)[]): AsyncGenerator<Buffer> {
  for (const piece of pieces) yield Buffer.from(piece);
}

const read = (pieces: readonly (string | Buffer)[], mostBytes?: number): Promise<EventLine[]> =>
  gather(readEventLines({ pieces: piecesOf(pieces), nodeId: here, ...(mostBytes === undefined ? {} : { mostBytes }) }));

const batch = (index: number, isOurs: boolean, key = `alloc-${index}`) => ({ kind: 'batch', index, key, isOurs });

test.each<[what: string, text: string, lines: unknown[]]>([
  ['a heartbeat', '{}\n', [{ kind: 'beat' }]],
  ['nothing at all, and empty lines', '\n\r\n', []],
  ['an event of this node', eventLine(7, [anEvent({ index: 7, nodeId: here })]), [batch(7, true)]],
  ['one of another', eventLine(7, [anEvent({ index: 7, nodeId: there })]), [batch(7, false)]],
  [
    'a batch with one of this node behind others',
    eventLine(7, [anEvent({ index: 7, nodeId: there }), anEvent({ index: 7, nodeId: here, key: 'x' })]),
    [batch(7, true)],
  ],
  [
    'another node’s, which the scheduler might have placed here',
    eventLine(7, [anEvent({ index: 7, nodeId: there, scored: [here] })]),
    [batch(7, false)],
  ],
  [
    'another node’s, whose task says what an event of this node says',
    eventLine(7, [anEvent({ index: 7, nodeId: there, says: `{"Payload":{"Allocation":{"NodeID":"${here}"}}}` })]),
    [batch(7, false)],
  ],
  [
    'one whose task says where a line ends',
    eventLine(7, [anEvent({ index: 7, nodeId: here, says: '],"Index":99}\n{}\n' })]),
    [batch(7, true)],
  ],
  [
    'keys in another order, and blanks between',
    `{ "Index": 7, "Events": [ ${anEvent({ index: 7, nodeId: here })} ] }\n`,
    [batch(7, true)],
  ],
])('%s', async (_, text, lines) => expect(await read([text])).toEqual(lines));

test.each([
  ['a page of what stands between', '<html>Bad gateway</html>\n'],
  ['a list', '[]\n'],
  ['a text', 'Permission denied\n'],
  ['an object of something else', '{"error":"no"}\n'],
  ['an event that is cut in the middle, and another behind it', `{"Events":[{"Key":"a"\n${eventLine(8, [])}`],
  ['one of this node whose JSON is broken', `{"Events":[{"NodeID":"${here}",],"Index":7}\n`],
  ['an index that is none', '{"Events":[],"Index":-7}\n'],
  ['an index beyond all numbers', `{"Events":[],"Index":${'9'.repeat(30)}}\n`],
  ['a line that ends with the body', eventLine(7, [anEvent({ index: 7, nodeId: there })]).trimEnd()],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x00, 0x0a]).toString('latin1')],
])('no event stream: %s', async (_, text) => {
  expect((await failureOf(read([text]))).code).toBe('nomadAnswer');
});

test('a node whose id was set in capitals', async () => {
  const pieces = piecesOf([eventLine(7, [anEvent({ index: 7, nodeId: 'abcd0000-0000' })])]);
  expect(await gather(readEventLines({ pieces, nodeId: 'ABCD0000-0000' }))).toEqual([batch(7, true)]);
});

test('what came before a broken line counts', async () => {
  const lines: EventLine[] = [];
  const reading = async () => {
    const pieces = piecesOf([eventLine(7, [anEvent({ index: 7, nodeId: here })]), 'oh no\n']);
    for await (const line of readEventLines({ pieces, nodeId: here })) lines.push(line);
  };
  await failureOf(reading());
  expect(lines).toEqual([batch(7, true)]);
});

test('lines are the same wherever they are torn', async () => {
  const says = 'Zoë 🙂 {"NodeID":';
  const text = Buffer.from(
    `{}\n${eventLine(7, [anEvent({ index: 7, nodeId: there, says })])}{}\n${eventLine(9, [anEvent({ index: 9, nodeId: here })])}`,
  );
  const whole = await read([text]);
  expect(whole).toEqual([{ kind: 'beat' }, batch(7, false), { kind: 'beat' }, batch(9, true)]);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(text.length), { maxLength: 30 }), fc.boolean(), async (cuts, isLong) => {
      const at = [0, ...cuts.sort((a, b) => a - b), text.length];
      const pieces = at.slice(1).map((end, index) => text.subarray(at[index], end));
      // A bound of few bytes has every line searched and none parsed.
      expect(await read(pieces, isLong ? 100 : undefined)).toEqual(whole);
    }),
    { numRuns: 300 },
  );
});

test('a line longer than what is kept is searched all the same', async () => {
  const many = (nodeId: string) =>
    eventLine(7, [
      ...Array.from({ length: 50 }, (_, at) => anEvent({ index: 7, nodeId: there, key: `a-${at}` })),
      anEvent({ index: 7, nodeId, key: 'last' }),
    ]);
  expect(await read([many(here)], 8_192)).toEqual([batch(7, true, 'a-0')]);
  expect(await read([many(there)], 8_192)).toEqual([batch(7, false, 'a-0')]);
});

test('of a line without end next to nothing is kept', async () => {
  async function* endless(): AsyncGenerator<Buffer> {
    yield Buffer.from('{"Events":[');
    for (let count = 0; count < 8_000; count += 1) yield Buffer.alloc(65_536, 'x');
    throw new Error('cut');
  }
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watched = async function* () {
    for await (const piece of endless()) {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
      yield piece;
    }
  };
  await expect(gather(readEventLines({ pieces: watched(), nodeId: here }))).rejects.toThrow('cut');
  // 520 MB have come; what is done with waits for the collector of garbage.
  expect(most).toBeLessThan(260_000_000);
});
