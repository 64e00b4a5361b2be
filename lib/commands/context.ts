import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { contextsOf } from '../collect/contexts.ts';
import { measureLogs } from '../collect/measure-logs.ts';
import { logsIn, nodeContext, withVolatile } from '../context/context.ts';
import { CONTEXT_VERSION } from '../context-version.ts';
import { planCycle } from '../cycle.ts';
import type { NodeSnapshot } from '../nomad/node-source.ts';
import { recordingOf } from '../nomad/recording.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { type Flags, readOnlyDeps, textFlag } from '../wiring/prepare.ts';
import { withNode } from '../wiring/with-node.ts';

/** `nvl context`: what templates see, as JSON; or a recording of the node to render from elsewhere. */
export const context = ({ io, flags }: { io: Io; flags: Flags }): Promise<number> => {
  return withNode({ io, flags }, async (opened) => {
    const record = textFlag(flags, 'record');
    if (record !== undefined) {
      const snapshot = await opened.nodeSource.ask({ signal: io.signal });
      const recording = recordingOf(
        flags.logSizes === true && !opened.isRecorded ? withLogs({ snapshot, io }) : snapshot,
      );
      const text = `${JSON.stringify(recording, undefined, 2)}\n`;
      if (record === '-') io.out(text);
      else await writeFile(resolve(io.cwd, record), text);
      return EXIT.done;
    }
    const deps = await readOnlyDeps(opened);
    const { looked, rendered } = await planCycle(deps);
    const pipelineOf = new Map(rendered.rows.map(({ stem, pipeline }) => [stem, pipeline]));
    const { snapshot, collectedTasks } = looked;
    const tasks = collectedTasks.flatMap((collectedTask) => {
      if (collectedTask.listed === undefined || !collectedTask.decision.isCollected) return [];
      const [context] = contextsOf({ snapshot, collectedTasks: [collectedTask], linksDir: deps.linksDir });
      if (context === undefined) return [];
      // As templates see it: the names are those of the pipeline that it gets, which is only known once it is rendered.
      const pipeline = pipelineOf.get(context.id) ?? context.id;
      const logs = logsIn({ linksDir: deps.linksDir, pipeline, logs: context.logs });
      const seen = { ...context, id: pipeline, logs };
      return [withVolatile({ context: seen, ...collectedTask.listed, node: snapshot.node })];
    });
    const node = { ...nodeContext(snapshot.node), ...snapshot.node.status };
    io.out(`${JSON.stringify({ contextVersion: CONTEXT_VERSION, node, tasks }, undefined, 2)}\n`);
    return EXIT.done;
  });
};

/** What cannot be measured is no reason to have no recording. */
const withLogs = ({ snapshot, io }: { snapshot: NodeSnapshot; io: Io }): NodeSnapshot => {
  const { logs, unmeasured } = measureLogs({ snapshot, now: Date.now() });
  if (unmeasured !== undefined)
    io.err(
      `The recording has no log sizes of ${unmeasured.allocations} of ${snapshot.allocations.length} allocations, so that nvl review cannot say what they cost: ${unmeasured.why}\n` +
        '  try  record on the node itself, as a user who may read the alloc directory\n',
    );
  return { ...snapshot, logs };
};
