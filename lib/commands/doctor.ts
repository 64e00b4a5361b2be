import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { checkAllocFolder } from '../doctor/alloc-folder.ts';
import { checkContainers } from '../doctor/containers.ts';
import { checkDeliveries } from '../doctor/deliveries.ts';
import { type DoctorContext, openDoctorContext } from '../doctor/doctor-context.ts';
import { type Finding, fail, failOf, ok } from '../doctor/finding.ts';
import { checkLogLinks } from '../doctor/log-links.ts';
import { checkAgent, checkAllocations, checkEvents } from '../doctor/nomad.ts';
import { checkOpenFiles } from '../doctor/open-files.ts';
import { checkReload } from '../doctor/reload.ts';
import { checkRoot } from '../doctor/root.ts';
import { checkSinks } from '../doctor/sinks.ts';
import { checkProof, checkTemplates } from '../doctor/templates.ts';
import { checkUnread } from '../doctor/unread.ts';
import { checkDataDir, checkVector, checkVectorFiles } from '../doctor/vector.ts';
import { packageRoot } from '../package-root.ts';
import { colorsOf, EXIT, type Io } from '../wiring/io.ts';
import { configFor, type Flags } from '../wiring/prepare.ts';

/**
 * `nvl doctor`: looks at everything that nvl leans on, a line for each: what is wrong, and what to do about it. Behind
 * `--` stands the Vector that nvl is going to run. Nothing is written, and 1 is the end when something fails.
 */
export const doctor = async ({
  io,
  flags,
  rest,
  limitMs,
}: {
  io: Io;
  flags: Flags;
  rest: string[];
  /** How long one check may take. Two proofs by Vector, which take longest, have their own limit. */
  limitMs?: number;
}): Promise<number> => {
  const config = await configFor({ io, flags });
  const limit = limitMs ?? 2 * config.reload.timeout + REST_MS;
  const context = openDoctorContext({ io, config, vectorArgs: rest });
  const counts = { ok: 0, warn: 0, fail: 0 };
  try {
    for (const [name, check] of CHECKS) {
      for (const finding of await findingsOf({ check, context, limitMs: limit })) {
        counts[finding.verdict] += 1;
        io.out(`${lineOf({ name, finding, io })}\n`);
      }
      if (io.signal.aborted) break;
    }
  } finally {
    await context.client.close();
  }
  io.err(`${counts.ok} ok, ${counts.warn} to look at, ${counts.fail} wrong\n`);
  return counts.fail > 0 || io.signal.aborted ? EXIT.error : EXIT.done;
};

type Check = (context: DoctorContext) => Promise<Finding[]>;

/** Each check runs, whatever the others find. One that lacks what another found wrong says that it could not look. */
const CHECKS: readonly [name: string, check: Check][] = [
  ['node.js', async () => [await checkNode()]],
  ['config', async ({ config }) => [ok(config.file ?? 'none was found, so every key has its default')]],
  ['vector', checkVector],
  ['vector files', checkVectorFiles],
  ['data_dir', checkDataDir],
  ['open files', checkOpenFiles],
  ['nomad', checkAgent],
  ['allocations', checkAllocations],
  ['events', checkEvents],
  ['alloc folder', checkAllocFolder],
  ['root', checkRoot],
  ['log links', checkLogLinks],
  ['unread logs', checkUnread],
  ['containers', checkContainers],
  ['templates', checkTemplates],
  ['sinks', checkSinks],
  ['proof', checkProof],
  ['deliveries', checkDeliveries],
  ['reload', checkReload],
];

const NAME_WIDTH = Math.max(...CHECKS.map(([name]) => name.length));

const findingsOf = async ({
  check,
  context,
  limitMs,
}: {
  check: Check;
  context: DoctorContext;
  limitMs: number;
}): Promise<Finding[]> => {
  const over = new AbortController();
  try {
    return await Promise.race([check(context), tooLong({ limitMs, signal: over.signal })]);
  } catch (error) {
    return [failOf(error)];
  } finally {
    over.abort();
  }
};

const REST_MS = 10_000;

/** A file system that hangs, say, leaves the other checks as they are. */
const tooLong = async ({ limitMs, signal }: { limitMs: number; signal: AbortSignal }): Promise<Finding[]> => {
  await sleep(limitMs, undefined, { signal, ref: false });
  return [
    fail(
      `no answer within ${limitMs / 1_000} s`,
      'see whether a disk or a network file system hangs, or the machine has too much to do, and look again',
    ),
  ];
};

/** An older Node does not come as far as this. */
const checkNode = async (): Promise<Finding> => {
  const text = await readFile(join(packageRoot(), 'package.json'), 'utf8');
  const { engines } = JSON.parse(text) as { engines: { node: string } };
  return ok(`${process.versions.node} (needed: ${engines.node})`);
};

const lineOf = ({ name, finding, io }: { name: string; finding: Finding; io: Io }): string => {
  const colors = colorsOf({ io, wanted: undefined });
  const paint = { ok: colors.green, warn: colors.yellow, fail: colors.red }[finding.verdict];
  const { verdict, text, advice } = finding;
  const try_ = advice === undefined ? '' : `  ->  ${advice}`;
  return `${paint(verdict.padEnd(4))}  ${name.padEnd(NAME_WIDTH)}  ${text}${try_}`;
};
