import { readKeptTemplates } from '../apply/kept-templates.ts';
import { rootPaths } from '../apply/paths.ts';
import { stage } from '../apply/stage.ts';
import { proveCycle } from '../cycle.ts';
import type { Proven } from '../cycle-deps.ts';
import type { Log } from '../log.ts';
import type { Templates } from '../render/templates.ts';
import { isEngineThere } from './is-engine-there.ts';
import { readOnlyDeps } from './prepare.ts';
import { proverOf } from './prover.ts';
import type { RunningVector } from './running-vector.ts';
import { withTemporaryStage } from './temporary-stage.ts';
import type { OpenedNode } from './with-node.ts';

/** A whole cycle up to the proof, in a folder of its own: nothing of the output root is touched. */
export const proveNode = ({
  io,
  config,
  nodeSource,
  isRecorded,
  runningVector,
  log,
  toleratesLacks = false,
  isKeptHere = !isRecorded,
}: OpenedNode & {
  runningVector: RunningVector;
  /** Where refusals are logged as they are met; nvl's own log by default. */
  log?: Log;
  /** This machine only looks, and may lack what the node has. */
  toleratesLacks?: boolean;
  /** The output root holds what the node's Vector took last. */
  isKeptHere?: boolean;
}): Promise<{ proven: Proven; templates: Templates }> =>
  withTemporaryStage(rootPaths(config.root), async (paths) => {
    const readOnly = await readOnlyDeps({ io, config, nodeSource, isRecorded });
    const proven = await proveCycle({
      ...readOnly,
      // A recording is proven as this machine can: it may have no engine.
      isEngineThere: isEngineThere(config),
      ...(log === undefined ? {} : { log }),
      dataDir: runningVector.dataDir,
      disk: {
        ...readOnly.disk,
        readTemplates: async () => (isKeptHere ? await readKeptTemplates(rootPaths(config.root)) : undefined),
        stage: async (text) => {
          await stage({ paths, text });
        },
      },
      prove: proverOf({
        config,
        paths,
        runningVector,
        templates: readOnly.templates,
        signal: io.signal,
        toleratesLacks,
      }),
    });
    return { proven, templates: readOnly.templates };
  });
