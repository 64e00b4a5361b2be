import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { watchAllocDir } from '../../lib/watch/alloc-dir.ts';
import { aLog, aWatched } from './support.ts';

let root: string;
const at = (...names: string[]) => join(root, ...names);

beforeEach(async () => {
  root = await mkdtemp(join(os.tmpdir(), 'nvl-'));
  return () => rm(root, { recursive: true });
});

const watchIt = async (folder: string) => {
  const news = aWatched();
  const { log, lines } = aLog();
  const controller = new AbortController();
  const watching = watchAllocDir({ folder, onNews: news.call, log, signal: controller.signal });
  const stop = async () => {
    controller.abort();
    await watching;
  };
  onTestFinished(stop);
  // It says that it watches, or that it cannot.
  await vi.waitFor(() => expect(news.count() + lines.length).toBeGreaterThan(0), { timeout: 20_000 });
  await news.rest();
  return { news, lines, stop };
};

test('a folder that comes or goes is news, what happens inside it is not', async () => {
  await mkdir(at('alloc'));
  const { news, lines } = await watchIt(at('alloc'));
  expect(news.count()).toBe(1);
  await news.after(() => mkdir(at('alloc/a1/alloc/logs'), { recursive: true }));
  const before = news.count();
  await writeFile(at('alloc/a1/alloc/logs/web.stdout.0'), 'line\n');
  await mkdir(at('alloc/a1/web'));
  await news.rest();
  expect(news.count()).toBe(before);
  await news.after(() => rm(at('alloc/a1'), { recursive: true }));
  expect(lines).toEqual([]);
});

test('a directory that is missing, comes, is replaced and vanishes', async () => {
  const { news, lines } = await watchIt(at('data/alloc'));
  expect(news.count()).toBe(0);
  await news.after(() => mkdir(at('data/alloc'), { recursive: true }));
  await news.after(() => mkdir(at('data/alloc/a1')));
  await news.after(async () => {
    await rename(at('data/alloc'), at('data/old'));
    await mkdir(at('data/alloc'));
  });
  await news.after(() => mkdir(at('data/alloc/a2')));
  expect(lines.filter((line) => line.startsWith('warn')).length).toBeLessThanOrEqual(2);
  expect(lines[0]).toMatch(/^warn the alloc directory cannot be watched/);
  expect(lines[1]).toMatch(/^info the alloc directory is watched again/);
});

test('what cannot be watched is one warning, and no end', async () => {
  await writeFile(at('alloc'), 'a file');
  const { news, lines, stop } = await watchIt(at('alloc/below'));
  expect(news.count()).toBe(0);
  expect(lines).toEqual(['warn the alloc directory cannot be watched, new allocations are found by asking Nomad only']);
  await stop();
});

test('an abort ends it at once', async () => {
  await mkdir(at('alloc'));
  const { stop } = await watchIt(at('alloc'));
  const startedAt = performance.now();
  await stop();
  expect(performance.now() - startedAt).toBeLessThan(20_000);
});
