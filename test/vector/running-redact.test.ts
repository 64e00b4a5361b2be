import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createSupervisor } from '../../lib/vector/process/supervise.ts';
import { describeExit, type VectorExit } from '../../lib/vector/process/vector-exit.ts';
import { aCommand, keeper, ownFolder, silentLog, writeFiles, writeProgram } from './support.ts';

/** Ends over its configuration as Vector 0.57 does, quoting the line with the value in it. */
const broken = `
process.stderr.write([
  '2026-11-23T03:26:53.626211Z ERROR vector::cli: Configuration error. error=TOML parse error at line 3, column 21',
  '  |',
  '3 | password = "hun"ter2"',
  '  |                ^',
  'unexpected key or value, expected newline',
].join('\\n') + '\\n');
process.exitCode = 78;
`;

test.each([
  ['a variable', { PW: 'hun"ter2' }, ['--dangerously-allow-env-var-interpolation'], 'password = "$PW"'],
  ['a secret that only Vector knows', {}, [], 'password = "SECRET[files.pw]"'],
])(
  'what a Vector says that ends over its configuration is kept without the value of %s',
  async (_, env, args, text) => {
    const cwd = await ownFolder();
    await writeFiles(cwd, { 'own.toml': text });
    const binary = await writeProgram({ folder: cwd, source: broken });
    const exits: VectorExit[] = [];
    const supervisor = createSupervisor({
      command: aCommand({
        cwd,
        binary,
        env: env as Record<string, string>,
        args: [...args, '-c', join(cwd, 'own.toml')],
      }),
      drainMs: 1_000,
      log: silentLog,
      stdout: keeper().stream,
      stderr: keeper().stream,
      onExit: (exit) => void exits.push(exit),
    });
    await supervisor.start();
    await supervisor.stop();
    const told = exits.map((exit) => [...exit.lastLines, describeExit(exit)].join('\n')).join('\n');
    expect(told).toContain('TOML parse error at line 3, column 21');
    expect(told).not.toMatch(/hun|ter2/);
  },
);
