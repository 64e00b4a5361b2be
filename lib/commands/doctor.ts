import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { lookAtAllocFolder } from '../doctor/alloc-folder.ts';
import { lookAtDeliveries } from '../doctor/deliveries.ts';
import { type Finding, failOf, ok } from '../doctor/finding.ts';
import { lookAtAgent, lookAtAllocations } from '../doctor/nomad.ts';
import { lookAtOpenFiles } from '../doctor/open-files.ts';
import { lookAtReload } from '../doctor/reload.ts';
import { lookAtRoot } from '../doctor/root.ts';
import { openScene, type Scene } from '../doctor/scene.ts';
import { lookAtSinks } from '../doctor/sinks.ts';
import { lookAtProof, lookAtTemplates } from '../doctor/templates.ts';
import { lookAtDataDir, lookAtVector, lookAtVectorFiles } from '../doctor/vector.ts';
import { packageRoot } from '../package-root.ts';
import { colorsOf, EXIT, type Io } from '../wiring/io.ts';
import { configFor, type Flags } from '../wiring/prepare.ts';

/**
 * `nvl doctor`: looks at everything that nvl leans on, a line for each: what is wrong, and what to do about it. Behind
 * `--` stands the Vector that nvl is going to run. Nothing is written, and 1 is the end when something fails.
 */
export const doctor = async ({ io, flags, rest }: { io: Io; flags: Flags; rest: string[] }): Promise<number> => {
  const config = await configFor({ io, flags });
  const scene = openScene({ io, config, vectorArgs: rest });
  const counts = { ok: 0, warn: 0, fail: 0 };
  try {
    for (const [name, look] of CHECKS) {
      for (const finding of await findingsOf({ look, scene })) {
        counts[finding.verdict] += 1;
        io.out(`${lineOf({ name, finding, io })}\n`);
      }
      if (io.signal.aborted) break;
    }
  } finally {
    await scene.client.close();
  }
  io.err(`${counts.ok} ok, ${counts.warn} to look at, ${counts.fail} wrong\n`);
  return counts.fail > 0 || io.signal.aborted ? EXIT.error : EXIT.done;
};

type Look = (scene: Scene) => Promise<Finding[]>;

/** None needs another to be well: what cannot be looked at for that reason says so. */
const CHECKS: readonly [name: string, look: Look][] = [
  ['node.js', async () => [await lookAtNode()]],
  ['config', async ({ config }) => [ok(config.file ?? 'none was found, so every key has its default')]],
  ['vector', lookAtVector],
  ['vector files', lookAtVectorFiles],
  ['data_dir', lookAtDataDir],
  ['open files', lookAtOpenFiles],
  ['nomad', lookAtAgent],
  ['allocations', lookAtAllocations],
  ['alloc folder', lookAtAllocFolder],
  ['root', lookAtRoot],
  ['templates', lookAtTemplates],
  ['sinks', lookAtSinks],
  ['proof', lookAtProof],
  ['deliveries', lookAtDeliveries],
  ['reload', lookAtReload],
];

const NAME_WIDTH = Math.max(...CHECKS.map(([name]) => name.length));

const findingsOf = async ({ look, scene }: { look: Look; scene: Scene }): Promise<Finding[]> => {
  try {
    return await look(scene);
  } catch (error) {
    return [failOf(error)];
  }
};

/** An older Node does not come as far as this. */
const lookAtNode = async (): Promise<Finding> => {
  const text = await readFile(path.join(packageRoot(), 'package.json'), 'utf8');
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
