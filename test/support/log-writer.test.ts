import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { hasBegun } from './ledger.ts';

const writer = join(import.meta.dirname, 'log-writer');
const env = {
  PATH: process.env.PATH,
  NOMAD_NAMESPACE: 'default',
  NOMAD_JOB_NAME: 'web',
  NOMAD_GROUP_NAME: 'g',
  NOMAD_TASK_NAME: 'app',
  NOMAD_ALLOC_ID: '0a173b0e-a4c3-5a8d-926e-7d84f89d64f7',
};

const newLedger = () => {
  const ledger = mkdtempSync(join(tmpdir(), 'nvl-writer-'));
  onTestFinished(() => rmSync(ledger, { recursive: true, force: true }));
  return ledger;
};
const readLedger = (ledger: string) =>
  readdirSync(ledger)
    .filter((name) => !name.startsWith('.'))
    .map((name) => JSON.parse(readFileSync(join(ledger, name), 'utf8')));
const write = async (...options: string[]) => {
  const ledger = newLedger();
  const output = await promisify(execFile)(writer, [`ledger=${ledger}`, ...options], { env });
  return { ...output, entries: readLedger(ledger) };
};

test('lines are numbered, timed and claimed', async () => {
  const before = Date.now();
  const { stdout, entries } = await write('lines=3', 'width=120');
  const lines = stdout.trimEnd().split('\n');
  expect(lines.map((line) => line.split(' ')[1])).toEqual(['1', '2', '3']);
  expect(lines.map((line) => line.length)).toEqual([120, 120, 120]);
  const writtenMs = Number(lines[0]?.split(' ')[2]);
  expect(writtenMs).toBeGreaterThanOrEqual(before);
  expect(writtenMs).toBeLessThanOrEqual(Date.now());
  expect(entries).toEqual([
    {
      key: lines[0]?.split(' ')[0],
      lines: 3,
      headers: 0,
      labels: {
        namespace: 'default',
        job_name: 'web',
        group_name: 'g',
        task_name: 'app',
        alloc_id: env.NOMAD_ALLOC_ID,
        stream: 'stdout',
      },
    },
  ]);
});

test('headers are alike, and the last line can be bare', async () => {
  const { stderr, entries } = await write('lines=3', 'headers=4', 'width=90', 'last=bare', 'stream=stderr');
  const lines = stderr.split('\n');
  expect(new Set(lines.filter((line) => line.includes(' 0 0 '))).size).toBe(1);
  expect(lines).toHaveLength(entries[0].lines + entries[0].headers);
  expect(lines.at(-1)).toMatch(/ 3 \d{13} =+$/);
  expect(entries[0].labels.stream).toBe('stderr');
});

test("a forged line is JSON that claims another's labels", async () => {
  const { stdout } = await write('lines=1', 'shape=forged');
  expect(JSON.parse(stdout)).toMatchObject({ nomad: { namespace: 'evil' }, line: expect.stringMatching(/ 1 \d{13}$/) });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with a burst', async (signal) => {
  const ledger = newLedger();
  const begun = () => hasBegun({ ledger, jobId: env.NOMAD_JOB_NAME, tasks: [env.NOMAD_TASK_NAME] });
  expect(await begun()).toBe(false);
  const child = spawn(writer, [`ledger=${ledger}`, 'lines=0', 'rate=20', 'burst=200'], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    if (text === '') child.kill(signal);
    text += chunk;
  });
  await new Promise((resolve) => child.once('close', resolve));
  const written = text.trimEnd().split('\n').length;
  expect(written).toBeGreaterThan(200);
  expect(readLedger(ledger)).toMatchObject([{ lines: written }]);
  expect(await begun()).toBe(true);
});
