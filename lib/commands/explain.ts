import { alignedRows } from '../aligned.ts';
import type { OptedOut } from '../collect/node-tasks.ts';
import { mergedMeta } from '../context/context.ts';
import { ENABLED_KEY } from '../context/enabled.ts';
import { metaLevelOf } from '../context/meta-levels.ts';
import { resolveParams } from '../context/params.ts';
import { type ChosenBy, chooseProfile } from '../context/profile.ts';
import { planCycle } from '../cycle.ts';
import type { CycleDeps } from '../cycle-deps.ts';
import { describeError } from '../errors.ts';
import { withoutConnections } from '../render/connections.ts';
import { containerName } from '../render/containers/container-logs.ts';
import { INSTEAD_WORDS } from '../render/refused.ts';
import type { Rendered } from '../render/render.ts';
import { DEFAULT_PROFILE, type Profile, type Template } from '../render/templates.ts';
import { traceLines } from '../render/trace-lines.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { type Flags, readOnlyDeps } from '../wiring/prepare.ts';
import { withNode } from '../wiring/with-node.ts';
import { explainOnce } from './explain-once.ts';
import { explainPipeline } from './explain-pipeline.ts';
import { isMeant, type MeantTask, meantTasks, nothingFound } from './meant-tasks.ts';

/** `nvl explain JOB [TASK]`: which profile a task has and why, its parameters, its files, and its blocks line by line. */
export const explain = ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  const [job = '', task] = args;
  return withNode({ io, flags }, async (node) => {
    const deps = await readOnlyDeps(node);
    const { rendered, looked } = await planCycle(deps);
    const found = meantTasks({ looked, job, task });
    const out = looked.optedOut.filter((one) => isMeant({ ...one, job, name: task }));
    for (const one of out) io.out(`${explainOut(one)}\n`);
    if (found.length === 0 && out.length === 0) throw nothingFound({ looked, job, task });
    const explained = found.map((collectedTask) => ({
      ...ownNames(collectedTask),
      text: explainOne({ collectedTask, deps, rendered }),
    }));
    for (const text of explainOnce(explained)) io.out(`${text}\n`);
    return rendered.refused.some(({ key }) => found.some(({ id }) => id === key)) ? EXIT.error : EXIT.done;
  });
};

/** A child of a periodic or a parameterized job has a name of its own. */
const ownNames = ({ listed: { allocation } }: MeantTask): { allocId: string; names: string[] } => ({
  allocId: allocation.id,
  names: [allocation.name, ...(allocation.job.parentId === '' ? [] : [allocation.job.id])],
});

/** A task that its meta opts out, or seems to. */
const explainOut = ({ allocation, task, fault }: OptedOut): string =>
  [
    `${allocation.namespace} / ${allocation.job.id} / ${allocation.groupName} / ${task.name}   allocation ${allocation.id}`,
    `  collected   no: ${fault === undefined ? `${ENABLED_KEY} in its meta says so` : 'its meta may say so'}`,
    ...(fault === undefined ? [] : [describeError(fault).replaceAll(/^/gm, '    ')]),
    '',
  ].join('\n');

const explainOne = ({
  collectedTask,
  deps,
  rendered,
}: {
  collectedTask: MeantTask;
  deps: CycleDeps;
  rendered: Rendered;
}): string => {
  const { allocation, task } = collectedTask.listed;
  const chosen = chooseProfile({ allocation, task, rules: deps.config.rules });
  const profile = deps.templates.profiles.get(chosen.profile);
  const meta = mergedMeta({ allocation, task });
  const params =
    profile === undefined
      ? {}
      : resolveParams({
          profile: profile.name,
          settings: profile.settings,
          meta,
          levelOf: (key) => metaLevelOf({ task, group: allocation.group }, key),
          ruled: chosen.params,
        }).params;
  const refused = rendered.refused.find(({ key }) => key === collectedTask.id);
  const notes = rendered.notes.flatMap(({ key, errors }) => (key === collectedTask.id ? errors : []));
  const byDefault = refused?.instead === 'default';
  const row = rendered.rows.find(({ stem }) => stem === collectedTask.id);
  const block = rendered.blocks.find(({ key }) => key === row?.pipeline);
  return [
    `${allocation.namespace} / ${allocation.job.id} / ${allocation.groupName} / ${task.name}   allocation ${allocation.id}`,
    `  profile     ${chosen.profile}, ${whyOf(chosen.chosenBy, deps)}`,
    ...Object.entries(params).map(
      ([name, value]) =>
        `  parameter   ${name} = ${JSON.stringify(value)}${originOf({ name, meta, ruled: chosen.params })}`,
    ),
    readsOf({ collectedTask, config: deps.config }),
    ...(row === undefined ? [] : explainPipeline({ pipeline: row.pipeline, rendered, templates: deps.templates })),
    `  collected   ${collectedTask.decision.isCollected ? 'yes' : 'no: it was read to its end, or finished before the backfill'}`,
    ...(refused === undefined
      ? []
      : [
          `  but         it ${refused.instead === 'nothing' ? 'is left out' : INSTEAD_WORDS[refused.instead]}, since`,
          ...refused.errors.map((error) => describeError(error).replaceAll(/^/gm, '    ')),
        ]),
    ...(notes.length === 0
      ? []
      : ['  look at', ...notes.map((error) => describeError(error).replaceAll(/^/gm, '    '))]),
    '',
    ...(block === undefined
      ? []
      : annotated({
          id: block.key,
          text: withoutConnections(block.text),
          profile: byDefault ? deps.templates.profiles.get(DEFAULT_PROFILE) : profile,
          labels: deps.templates.labels,
        })),
  ].join('\n');
};

/** Where its lines come from. */
const readsOf = ({
  collectedTask: {
    listed: { route, task, allocation },
    decision: { record },
  },
  config,
}: {
  collectedTask: MeantTask;
  config: CycleDeps['config'];
}): string =>
  route === 'containers'
    ? `  container   ${containerName({ task: task.name, allocId: allocation.id })}, read by ${config.collect.docker}`
    : `  files       ${record?.logDir ?? ''}/${task.name}.{stdout,stderr}.[0-9]*`;

const whyOf = (chosenBy: ChosenBy, deps: CycleDeps): string => {
  if (chosenBy.by === 'meta') return `because nvl_profile says so in the ${chosenBy.level}'s meta`;
  if (chosenBy.by === 'rule')
    return `because rule ${chosenBy.index + 1} of ${deps.config.file ?? 'the configuration'} matches`;
  return 'because neither its meta nor a rule names another';
};

const originOf = ({
  name,
  meta,
  ruled,
}: {
  name: string;
  meta: Record<string, string>;
  ruled: Record<string, string>;
}): string => {
  if (meta[`nvl_${name}`] !== undefined) return ` (nvl_${name} in the meta)`;
  return ruled[name] === undefined ? ' (its default)' : ' (from the rule)';
};

/** Each rendered line beside the template line that it came from. */
const annotated = ({
  id,
  text,
  profile,
  labels,
}: {
  id: string;
  text: string;
  profile: Profile | undefined;
  labels: Template;
}): string[] => {
  const parts = text.split(/\n\n(?=\[)/);
  const templates = [profile?.source, profile?.transform, labels].filter((template) => template !== undefined);
  const rows = parts.flatMap((part) => {
    const best = templates
      .map(({ path, text: template }) => ({ path, lines: traceLines({ template, rendered: part }) }))
      .sort((a, b) => count(b.lines) - count(a.lines))[0];
    const lines = part.split('\n');
    const isOwn = isWrittenByNvl({ part, id });
    return [
      ...lines.map((line, index) => ({ line, from: isOwn ? 'nvl' : templateLineAt(best, index) })),
      { line: '', from: '' },
    ];
  });
  return alignedRows({ rows: rows.map(({ line, from }) => [from, line]), gap: ' | ' });
};

/** The names are those that a profile may not define. */
const isWrittenByNvl = ({ part, id }: { part: string; id: string }): boolean =>
  part.startsWith(`[transforms.${id}_in]`) || part.includes(`[transforms.${id}]\n# Written by nvl:`);

const templateLineAt = (
  traced: { path: string; lines: readonly (number | undefined)[] } | undefined,
  index: number,
): string => (traced?.lines[index] === undefined ? '' : `${traced.path}:${traced.lines[index]}`);

const count = (lines: readonly (number | undefined)[]): number => lines.filter((line) => line !== undefined).length;
