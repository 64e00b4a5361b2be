import { parse } from 'smol-toml';
import { LOGS_ID } from '../ids.ts';
import { objectOf, textsOf } from '../json.ts';
import { isAcknowledged } from '../vector/config/acknowledged.ts';
import { matchesGlob } from '../vector/config/glob.ts';
import type { UserConfig } from '../vector/config/user-config.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, fail, notChecked, ok, warn } from './finding.ts';

/** Does every sink that the labelled lines reach acknowledge them, and is there one at all? */
export const checkSinks = async (context: DoctorContext): Promise<Finding[]> => {
  const { config, templates } = context;
  if ((await templates().catch(() => undefined)) === undefined) return [notChecked('the templates cannot be read')];
  const user = await context.runningVector().then(
    (runningVector) => runningVector.user,
    () => undefined,
  );
  const own = user === undefined ? [] : sinksBehindLogs(user);
  const rendered = config.sinks === 'none' ? [] : await renderedSinks(context, user?.globalAcknowledgements ?? false);
  const sinks = [...rendered, ...own];
  if (sinks.length === 0) return [await noSink(context)];
  return sinks.map(({ id, from, acknowledged }) =>
    acknowledged
      ? ok(`${id} in ${from} acknowledges what it has delivered`)
      : warn(
          `${id} in ${from} does not acknowledge: lines in Vector's memory die with it`,
          'set acknowledgements.enabled = true in it',
        ),
  );
};

type Sink = { id: string; from: string; acknowledged: boolean };

const renderedSinks = async ({ rendered }: DoctorContext, isGlobal: boolean): Promise<Sink[]> => {
  const { blocks } = await rendered();
  return blocks
    .filter(({ kind }) => kind === 'sink')
    .flatMap(({ heading, text }) => {
      const { sinks, transforms } = parse(text);
      const reached = behindLogs(
        Object.entries(objectOf(transforms)).map(([id, table]) => ({ id, inputs: textsOf(objectOf(table).inputs) })),
      );
      return Object.entries(objectOf(sinks))
        .map(([id, table]) => ({
          id,
          from: heading,
          acknowledged: isAcknowledged(objectOf(table).acknowledgements) ?? isGlobal,
          inputs: textsOf(objectOf(table).inputs),
        }))
        .filter(({ inputs }) => inputs.some((input) => readsAny({ input, reached })));
    });
};

/** The team's sinks that read the labelled lines, also through transforms of the team's own. */
const sinksBehindLogs = ({ components, sinks }: UserConfig): Sink[] => {
  const reached = behindLogs(components.filter(({ kind }) => kind === 'transform'));
  return sinks
    .filter(({ inputs }) => inputs.some((input) => readsAny({ input, reached })))
    .map(({ id, file, acknowledged }) => ({ id, from: file, acknowledged }));
};

/** The labelled lines, whole or those of one sink, and the transforms that read them, by way of each other too. */
const behindLogs = (transforms: readonly { id: string; inputs?: readonly string[] }[]): ReadonlySet<string> => {
  const reached = new Set([LOGS_ID]);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const { id, inputs = [] } of transforms)
      if (inputs.some((input) => readsAny({ input, reached }))) reached.add(id);
  }
  return reached;
};

const readsAny = ({ input, reached }: { input: string; reached: ReadonlySet<string> }): boolean =>
  input.startsWith(`${LOGS_ID}_`) || [...reached].some((id) => reads({ input, id }));

/** An input may be a glob, and may name one output of a component: `split.errors`. */
const reads = ({ input, id }: { input: string; id: string }): boolean =>
  input === id || input.startsWith(`${id}.`) || matchesGlob({ pattern: input, path: id });

const noSink = async ({ config, isVectorUnknown }: DoctorContext): Promise<Finding> => {
  if (config.sinks !== 'none') return warn('the sink template renders no sink', 'see the lines on templates and proof');
  const advice = `add a sink with inputs = ["${LOGS_ID}"] to a Vector file of your own, or set sinks: default`;
  return (await isVectorUnknown())
    ? warn(`sinks is none, and no file is known whose sink reads ${LOGS_ID}`, advice)
    : fail(`no sink reads ${LOGS_ID}: every line would be read and thrown away`, advice);
};
