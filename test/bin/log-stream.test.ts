import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLogStream, type LogTarget } from '../../bin/log-stream.ts';
import { waitUntil } from '../support/wait.ts';

/** A reader that takes what it is told to: `all`, so many bytes, nothing (`full`), or fails with a code. */
const aReader = (options: { maxBytes?: number } = {}) => {
  const reader = { text: '', mood: 'all' as 'all' | 'full' | number | string, tries: 0 };
  const target: LogTarget = (chunk, done) => {
    const { mood } = reader;
    reader.tries += 1;
    setImmediate(() => {
      if (mood === 'full') return done(Object.assign(new Error('full'), { code: 'EAGAIN' }), 0);
      if (typeof mood === 'string' && mood !== 'all') return done(Object.assign(new Error(mood), { code: mood }), 0);
      const taken = chunk.subarray(0, typeof mood === 'number' ? mood : undefined);
      reader.text += taken.toString();
      done(null, taken.length);
    });
  };
  const log = createLogStream({
    target,
    onGap: ({ lines, bytes }) => log.stream.write(`(${lines} lines, ${bytes} bytes)\n`),
    retryMs: 5,
    probeMs: 20,
    ...options,
  });
  return { reader, log, write: (text: string) => log.stream.write(text) };
};

const NO_HURRY = () => 30_000;

test('what is written arrives in its order, also where the reader takes it in pieces', async () => {
  const { reader, log, write } = aReader();
  reader.mood = 3;
  for (const text of ['one\n', 'two\n', 'three\n']) write(text);
  expect(await log.close(NO_HURRY)).toBe(true);
  expect(reader.text).toBe('one\ntwo\nthree\n');
});

test('a writer is never told to wait, and what is kept for the reader stays below its limit', async () => {
  const { reader, log, write } = aReader({ maxBytes: 100 });
  reader.mood = 'full';
  for (let line = 0; line < 1_000; line += 1) expect(write('0123456789abcde\n')).toBe(true);
  reader.mood = 'all';
  await waitUntil('the gap', () => reader.text.endsWith('bytes)\n'));
  expect(reader.text).toBe(`${'0123456789abcde\n'.repeat(6)}(994 lines, 15904 bytes)\n`);
  write('again\n');
  await log.close(NO_HURRY);
  expect(reader.text.endsWith('bytes)\nagain\n')).toBe(true);
});

test('nothing new is let in before the gap, so that what follows it is whole', async () => {
  const { reader, log, write } = aReader({ maxBytes: 10 });
  reader.mood = 'full';
  write('12345\n');
  write('too long\n');
  write('x\n');
  reader.mood = 'all';
  await waitUntil('the gap', () => reader.text.includes('bytes)'));
  await log.close(NO_HURRY);
  expect(reader.text).toBe('12345\n(2 lines, 11 bytes)\n');
});

test('words that no line end closed are closed before the gap is told', async () => {
  const { reader, log, write } = aReader({ maxBytes: 100 });
  reader.mood = 'full';
  write('thread panicked at');
  write(`${'x'.repeat(99)}\n`);
  reader.mood = 'all';
  await waitUntil('the gap', () => reader.text.includes('bytes)'));
  await log.close(NO_HURRY);
  expect(reader.text).toBe('thread panicked at\n(1 lines, 100 bytes)\n');
});

test.each(['ENOSPC', 'EPIPE', 'EIO'])(
  '%s: it is tried again, and what was lost till then is told once',
  async (code) => {
    const { reader, log, write } = aReader();
    reader.mood = code;
    write('one\n');
    write('two\n');
    const { tries } = reader;
    await waitUntil('some more tries', () => reader.tries > tries + 3);
    write('three\n');
    reader.mood = 'all';
    await waitUntil('the gap', () => reader.text.includes('bytes)'));
    write('four\n');
    await log.close(NO_HURRY);
    expect(reader.text).toMatch(/^\(3 lines, 14 bytes\)\nfour\n$/);
  },
);

test('the end waits for a reader that is slow, and not for one that has stopped', async () => {
  const slow = aReader();
  slow.reader.mood = 1;
  slow.write('x'.repeat(200));
  expect(await slow.log.close(() => 10_000)).toBe(true);
  expect(slow.reader.text).toHaveLength(200);

  const stopped = aReader();
  stopped.reader.mood = 'full';
  stopped.write('x\n');
  await sleep(10);
  expect(await stopped.log.close(() => 30)).toBe(false);
});
