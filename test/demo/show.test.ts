import { appendFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pc from 'picocolors';
import { expect, onTestFinished, test } from 'vitest';
import { createDemoNode } from '../../lib/demo/node.ts';
import { createShow } from '../../lib/demo/show.ts';
import { createTally, isOfJob } from '../../lib/demo/show-tally.ts';
import { waitUntil } from '../support/wait.ts';

const signal = new AbortController().signal;

test('lines are cut and wrapped to 100 columns, and no control character of a log line gets through', async () => {
  const lines: string[] = [];
  const show = createShow({
    out: (text) => lines.push(text),
    colors: pc.createColors(false),
    isWatched: false,
    signal,
  });
  show.title('nvl', 'x'.repeat(200));
  await show.step('A step', 'word '.repeat(60).trim());
  show.row('before', `red \u001b[31m alert \u0007 ${'y'.repeat(200)}\nsecond`);
  show.whole('file', `/tmp/${'z'.repeat(100)}`);
  show.table([
    ['a', 'b'],
    ['long cell', 'c'],
  ]);
  show.code('one\ntwo\nthree', { maxLines: 2 });
  const text = lines.join('');
  const [copied = '', ...others] = text.split('\n').sort((a, b) => b.length - a.length);
  expect(Math.max(...others.map((line) => line.length))).toBe(100);
  expect(copied).toBe(`   file        /tmp/${'z'.repeat(100)}`);
  expect(text.split('\n').filter((line) => line.includes('word'))).toHaveLength(4);
  expect(text).toMatch(/^1 {2}A step$/m);
  expect(text).toMatch(/^ {3}before {6}red {2}\[31m alert {3}y+\.\.\.\n {15}second$/m);
  expect(text).toMatch(/^ {3}a {11}b\n {3}long cell {3}c$/m);
  expect(text).toMatch(/^ {3}\| one\n {3}\| two\n {3}\| \.\.\. 1 more lines$/m);
});

/** A task on a node, and what counts its lines. */
const startCounting = async ({ collect = async () => {} } = {}) => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-demo-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const node = await createDemoNode({ dataDir: folder, seed: 1, pause: async () => {} });
  onTestFinished(() => node.close());
  const deliveredFile = join(folder, 'delivered.ndjson');
  const tally = createTally({ node, deliveredFile, collect, timeoutMs: 200, signal });
  const [id = ''] = await tally.node.startJob({ id: 'web', tasks: [{ name: 'app' }] });
  const deliver = (offset: number | number[], labels: Record<string, string> = {}) =>
    appendFile(
      deliveredFile,
      `${JSON.stringify({
        message: 'whatever a profile makes of it',
        offset,
        nomad: {
          namespace: 'default',
          job_name: 'web',
          group_name: 'web',
          task_name: 'app',
          alloc_id: id,
          node_name: 'demo-node',
          stream: 'stdout',
          ...labels,
        },
      })}\n`,
    );
  return { tally, id, deliver, deliveredFile };
};

test('what was written is counted against what arrived, line by line', async () => {
  const { tally, id, deliver, deliveredFile } = await startCounting();
  tally.node.writeLines({ id, task: 'app', lines: ['one', 'zwölf', 'three'] });
  tally.node.writeLines({ id, task: 'app', stream: 'stderr', lines: ['last'], isLastBare: true });

  await tally.settle();
  const counts = { written: 4, repeated: 0, mislabelled: 0 };
  expect(tally.counts()).toEqual({ ...counts, delivered: 0, events: 0, lost: 4 });
  await deliver(0);
  await deliver(4);
  // Held back until its file was gone: it says that it begins where it ends.
  await deliver(4, { stream: 'stderr' });
  const event = await tally.waitFor({ what: 'the second', fits: ({ offset }) => offset === 4 });
  expect(tally.linesOf(event)).toEqual(['last']);
  await tally.settle();
  expect(tally.counts()).toEqual({ ...counts, delivered: 3, events: 3, lost: 1 });
  await deliver(4);
  await deliver(11, { job_name: 'evil' });
  await tally.settle();
  expect(tally.counts()).toEqual({ ...counts, delivered: 5, events: 5, lost: 0, repeated: 1, mislabelled: 1 });
  await appendFile(deliveredFile, '{"message":"no labels","offset":0}\n');
  await tally.settle();
  expect(tally.counts()).toEqual({ ...counts, delivered: 6, events: 6, lost: 0, repeated: 2, mislabelled: 2 });
  expect((await tally.latest(isOfJob('evil')))?.offset).toBe(11);
  await expect(tally.waitFor({ what: 'a line of nobody', fits: () => false })).rejects.toMatchObject({
    code: 'demoStuck',
    message: 'a line of nobody did not come within 0.2 s',
  });
});

test('an event of several lines stands for each of them', async () => {
  const { tally, id, deliver } = await startCounting();
  const lines = ['ERROR no price', 'java.lang.Error: no list', '\tat shop.Prices.of', 'INFO next'];
  tally.node.writeLines({ id, task: 'app', lines });
  await deliver([0, 15, 40]);
  const event = await tally.waitFor({ what: 'the stack trace', fits: isOfJob('web') });
  expect(tally.linesOf(event)).toEqual(lines.slice(0, 3));
  expect(tally.counts()).toEqual({ written: 4, delivered: 3, events: 1, lost: 1, repeated: 0, mislabelled: 0 });
  // One of its lines a second time, all with the labels of another.
  await deliver([40, 59], { task_name: 'other' });
  await tally.settle();
  expect(tally.counts()).toMatchObject({ delivered: 5, events: 2, mislabelled: 2 });
  await deliver([40, 59]);
  await tally.settle();
  expect(tally.counts()).toEqual({ written: 4, delivered: 7, events: 3, lost: 0, repeated: 3, mislabelled: 2 });
});

test('what writes the events is asked before each look, and for as long as it is followed', async () => {
  let asked = 0;
  const { tally } = await startCounting({
    collect: async () => {
      asked += 1;
    },
  });
  await tally.latest(isOfJob('web'));
  expect(asked).toBe(1);
  const ended = new AbortController();
  const following = tally.follow(ended.signal);
  await waitUntil('another look', async () => asked > 2);
  ended.abort();
  await following;
});
