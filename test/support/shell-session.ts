import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from './wait.ts';

/** One bash that runs a page's commands one after the other, so that folders and variables hold from line to line. */
export type ShellSession = {
  /** Runs a line to its end: what it wrote to stdout and stderr, and its exit code. */
  run: (line: string) => Promise<{ said: string; exit: number }>;
  /** Runs a line that goes on, until it has written what is expected, and ends it as Ctrl-C does. What it wrote. */
  runUntil: (line: string, expected: RegExp) => Promise<string>;
  close: () => Promise<void>;
};

/** `folder` gets what the commands write to the terminal; `cwd` is where they begin. */
export const startShell = async ({
  folder,
  cwd,
  env,
}: {
  folder: string;
  cwd: string;
  env: NodeJS.ProcessEnv;
}): Promise<ShellSession> => {
  await mkdir(folder, { recursive: true });
  const shell = spawn('bash', ['--noprofile', '--norc'], { cwd, env, stdio: ['pipe', 'ignore', 'ignore'] });
  const jobs = new Set<number>();
  const endAll = (signal: NodeJS.Signals) => [...jobs].forEach((pid) => void signalGroup(pid, signal));
  const atExit = () => {
    endAll('SIGKILL');
    shell.kill('SIGKILL');
  };
  process.once('exit', atExit);
  // Each line that goes on is a process group of its own, as at a terminal.
  shell.stdin.write('set -m\n');
  let count = 0;
  const files = () => {
    count += 1;
    const [out, exit, pid] = ['out', 'exit', 'pid'].map((kind) => join(folder, `${count}.${kind}`));
    return { out: out ?? '', exit: exit ?? '', pid: pid ?? '' };
  };
  const saidIn = (file: string) => readFile(file, 'utf8').catch(() => '');
  const seenIn = (file: string) => async () => (await saidIn(file)).slice(-4_000);
  return {
    run: async (line) => {
      const { out, exit } = files();
      shell.stdin.write(`{\n${line}\n} >'${out}' 2>&1 </dev/null; echo $? >'${exit}'\n`);
      await waitUntil(`the end of ${line}`, async () => (await saidIn(exit)) !== '', {
        timeoutMs: 300_000,
        seen: seenIn(out),
      });
      return { said: await saidIn(out), exit: Number(await saidIn(exit)) };
    },
    runUntil: async (line, expected) => {
      const { out, pid } = files();
      shell.stdin.write(`{\n${line}\n} >'${out}' 2>&1 </dev/null &\necho $! >'${pid}'\n`);
      await waitUntil('a process', () => existsSync(pid));
      const group = Number(await waitForText(pid));
      jobs.add(group);
      await waitUntil(`${line} to print ${expected}`, async () => expected.test(await saidIn(out)), {
        timeoutMs: 120_000,
        everyMs: 200,
        seen: seenIn(out),
      });
      signalGroup(group, 'SIGINT');
      await waitUntil(`the end of ${line}`, () => !signalGroup(group, 0), { timeoutMs: 90_000, seen: seenIn(out) });
      jobs.delete(group);
      return saidIn(out);
    },
    close: async () => {
      // Of a line that did not come to its end: an nvl that is killed leaves its Vector.
      endAll('SIGTERM');
      const areGone = () => [...jobs].every((pid) => !signalGroup(pid, 0));
      await waitUntil('what goes on to end', areGone).catch(() => endAll('SIGKILL'));
      shell.stdin.end();
      process.off('exit', atExit);
      await waitUntil('the shell to end', () => shell.exitCode !== null || shell.signalCode !== null);
    },
  };
};

const waitForText = async (file: string): Promise<string> => {
  let text = '';
  await waitUntil(`${file} to be written`, async () => {
    text = await readFile(file, 'utf8').catch(() => '');
    return text.trim() !== '';
  });
  return text;
};

/** Whether the process group is still there. */
const signalGroup = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(-pid, signal);
  } catch {
    return false;
  }
};
