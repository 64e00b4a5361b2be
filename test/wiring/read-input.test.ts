import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readInput } from '../../lib/wiring/read-input.ts';

const MIB = 1_024 * 1_024;

const aCwd = (): string => {
  const cwd = mkdtempSync(join(tmpdir(), 'nvl-input-'));
  onTestFinished(() => rmSync(cwd, { recursive: true, force: true }));
  return cwd;
};

const read = ({
  file = '-',
  cwd = '/',
  pieces = [],
  signal = new AbortController().signal,
}: {
  file?: string;
  cwd?: string;
  pieces?: Iterable<Buffer>;
  signal?: AbortSignal;
}) =>
  readInput({
    io: {
      cwd,
      signal,
      readInput: async function* () {
        yield* pieces;
      },
    },
    file,
    what: 'a plan',
    mostBytes: 4 * MIB,
  });

test('stdin is read to its end, a letter in two pieces too', async () => {
  const [one, two] = [Buffer.from('{"é').subarray(0, 3), Buffer.from('é"}').subarray(1)];
  expect(await read({ pieces: [one, two] })).toBe('{"é"}');
  expect(await read({})).toBe('');
});

test('a file is read, from the working directory on', async () => {
  const cwd = aCwd();
  writeFileSync(join(cwd, 'plan.json'), '{}');
  expect(await read({ file: 'plan.json', cwd })).toBe('{}');
});

/** Pieces without end; how many were taken of it. */
const endless = () => {
  let taken = 0;
  const pieces = function* () {
    for (; taken < 1_000; taken += 1) yield Buffer.alloc(MIB);
  };
  return { pieces: pieces(), taken: () => taken };
};

test('stdin without an end is refused, and read no further', async () => {
  const { pieces, taken } = endless();
  await expect(read({ pieces })).rejects.toMatchObject({
    code: 'usage',
    message: 'stdin cannot be read',
    facts: { said: 'it is longer than 4 MiB' },
    advice: 'name a file that is a plan, or - for one on stdin',
  });
  expect(taken()).toBe(4);
});

test.each([
  ['without an end', '/dev/zero', 'it is longer than 4 MiB'],
  ['that is not there', 'none.json', expect.stringContaining('ENOENT')],
  ['that is a folder', '.', expect.stringContaining('EISDIR')],
])('a file %s', async (_, file, said) => {
  await expect(read({ file, cwd: aCwd() })).rejects.toMatchObject({
    code: 'usage',
    message: `${file} cannot be read`,
    facts: { said },
  });
});

test('so much is taken, and no byte more', async () => {
  const most = Buffer.alloc(4 * MIB, ' ');
  expect(await read({ pieces: [most] })).toHaveLength(4 * MIB);
  await expect(read({ pieces: [most, Buffer.from('x')] })).rejects.toThrow('stdin cannot be read');
});

test('told to end meanwhile, that is no fault of the file', async () => {
  const signal = AbortSignal.abort();
  await expect(read({ file: '/dev/zero', signal })).rejects.toMatchObject({ name: 'AbortError' });
});
