import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { aFolder, aNomad, put, startNvl } from '../commands/support.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { needs, pathOf, vector } from '../support/programs.ts';
import { fileSink, readEvents } from '../support/vector.ts';
import { waitUntil } from '../support/wait.ts';

// A task that may write into its own log folder, as Nomad lets it, with a real Vector behind nvl.

const NOBODY = 65_534;

/** What the task does, each by itself: some of it the kernel may forbid, such as hard links to others' files. */
const PLANTED = (secret: string, others: string) => [
  `ln -s ${secret} app.stdout.1`,
  `ln -s ${others}/app.stdout.0 app.stdout.2`,
  'mkfifo app.stdout.3',
  'echo forged > app.stdout.4',
  'echo forged > sibling.stdout.1',
  `ln ${secret} app.stdout.5`,
  `ln ${others}/app.stdout.0 app.stderr.6`,
  'mkdir app.stdout.7',
  'while :; do ln -sf SECRET x; mv -T x app.stderr.0; echo own > y; mv -f y app.stderr.0; done & echo $!'.replace(
    'SECRET',
    secret,
  ),
];

test(
  'nothing that a task plants beside its logs reaches the sink or holds others up, and each is named once',
  needs(vector),
  async () => {
    if (process.geteuid?.() !== 0) return;
    const folder = await aFolder();
    const nomad = await aNomad(folder, []);
    const delivered = join(folder, 'delivered.ndjson');
    const logsOf = (digit: number) => join(nomad.allocDir, idOf(digit), 'alloc', 'logs');
    for (const digit of [1, 2]) {
      await mkdir(logsOf(digit), { recursive: true });
      await chmod(logsOf(digit), 0o777);
    }
    for (let dir = logsOf(1); dir !== '/' && dir !== '/tmp'; dir = dirname(dir))
      if (dir !== logsOf(1)) await chmod(dir, 0o755);
    const secret = join(folder, 'secret');
    await writeFile(secret, 'SECRET of root\n', { mode: 0o600 });
    await writeFile(join(logsOf(1), 'app.stdout.0'), 'own line\n');
    await writeFile(join(logsOf(2), 'app.stdout.0'), 'OTHER line 0\n');
    await put(folder, {
      ...daemonFiles({
        folder,
        address: nomad.address,
        config: { sinks: 'none' },
        team: fileSink({ file: delivered }),
      }),
    });
    nomad.setAllocations([aRawAllocation({ tasks: ['app', 'sibling'] }), aRawAllocation({ id: idOf(2) })]);
    const daemon = startNvl(['run', '--', pathOf(vector), '-c', join(folder, 'team.toml')], { cwd: folder });
    await waitUntil('the first lines', async () => (await readEvents(delivered)).length >= 2, { timeoutMs: 30_000 });

    const swappers: number[] = [];
    for (const command of PLANTED(secret, logsOf(2))) {
      try {
        const said = execFileSync('sh', ['-c', `exec 2>/dev/null; cd ${logsOf(1)} && { ${command}; } `], {
          uid: NOBODY,
          gid: NOBODY,
          stdio: ['ignore', command.includes('$!') ? 'pipe' : 'ignore', 'ignore'],
          timeout: 1_000,
        });
        if (command.includes('$!')) swappers.push(Number(String(said)));
      } catch (error) {
        // The swapper keeps the pipe open: its number was said all the same.
        const number = Number(String((error as { stdout?: Buffer }).stdout ?? '').trim());
        if (number > 1) swappers.push(number);
      }
    }
    const took: number[] = [];
    for (let number = 1; number <= 10; number += 1) {
      const began = Date.now();
      await appendFile(join(logsOf(2), 'app.stdout.0'), `OTHER line ${number}\n`);
      await waitUntil(
        `line ${number}`,
        async () => (await readEvents(delivered)).some(({ message }) => message === `OTHER line ${number}`),
        { timeoutMs: 10_000, everyMs: 20 },
      );
      took.push(Date.now() - began);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    for (const pid of swappers) process.kill(pid, 'SIGKILL');
    const events = await readEvents(delivered);
    const foreign = events.filter(
      ({ message = '', nomad: labels }) =>
        !message.startsWith(labels?.alloc_id === idOf(1) ? 'own line' : 'OTHER line') || labels?.task_name !== 'app',
    );
    expect(foreign).toEqual([]);
    expect(Math.max(...took)).toBeLessThan(2_000);
    const named = (daemon.log() as { why?: string; name?: string }[]).flatMap(({ why, name }) =>
      why === undefined ? [] : [String(name)],
    );
    expect(named).toEqual(
      expect.arrayContaining([
        'app.stdout.1',
        'app.stdout.2',
        'app.stdout.3',
        'app.stdout.4',
        'sibling.stdout.1',
        'app.stdout.7',
      ]),
    );
    expect(named).toHaveLength(new Set(named).size);
    expect(swappers).toHaveLength(1);
    await daemon.end();
  },
);
