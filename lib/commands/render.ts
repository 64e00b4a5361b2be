import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { FILE_NAME } from '../apply/paths.ts';
import { planCycle } from '../cycle.ts';
import { describeError } from '../errors.ts';
import { showPlan } from '../plan/show.ts';
import { colorsOf, EXIT, type Io } from './io.ts';
import { configFor, type Flags, lookingWorld, openAsker, textFlag } from './prepare.ts';

/** `nvl render`: the configuration on stdout, in a folder, or as a change against what is live. */
export const render = async ({ io, flags }: { io: Io; flags: Flags }): Promise<number> => {
  const config = await configFor({ io, flags });
  const { asker, isRecorded, close } = await openAsker({ io, flags, config });
  try {
    const world = await lookingWorld({ io, config, asker, isRecorded });
    const { plan, rendered, looked } = await planCycle(world);
    for (const fault of world.templates.faults) io.err(`${describeError(fault)}\n`);
    const out = textFlag(flags, 'out');
    if (out !== undefined) await writeTo({ dir: path.resolve(io.cwd, out), text: plan.text });
    const { diff, summary } = showPlan({
      plan,
      live: looked.live,
      liveName: path.join('live', FILE_NAME),
      refused: rendered.refused,
      colors: colorsOf({ io, wanted: colorFlag(flags) }),
    });
    if (flags.dryRun === true) {
      io.out(diff === '' ? '' : `${diff}\n`);
      io.err(`${summary}\n`);
      if (flags.detailedExitcode === true && plan.swap) return EXIT.changes;
    } else {
      if (out === undefined) io.out(plan.text);
      const left = summary.slice(summary.indexOf('\nLeft out') + 1);
      if (rendered.refused.length > 0) io.err(`${left}\n`);
    }
    return rendered.refused.length > 0 || world.templates.faults.length > 0 ? EXIT.error : EXIT.done;
  } finally {
    await close();
  }
};

const writeTo = async ({ dir, text }: { dir: string; text: string }): Promise<void> => {
  await mkdir(dir, { recursive: true });
  await writeFile(path.join(dir, FILE_NAME), text);
};

export const colorFlag = (flags: Flags): boolean | undefined =>
  typeof flags.color === 'boolean' ? flags.color : undefined;
