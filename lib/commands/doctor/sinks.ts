import { parse } from 'smol-toml';
import { objectOf, textsOf } from '../../nomad/read.ts';
import { LOGS_ID } from '../../render/file.ts';
import { matchesGlob } from '../../vector/glob.ts';
import type { UserConfig } from '../../vector/user-config.ts';
import { type Finding, fail, notLookedAt, ok, warn } from './finding.ts';
import type { Scene } from './scene.ts';

/** Does every sink that the labelled lines reach acknowledge them, and is there one at all? */
export const lookAtSinks = async (scene: Scene): Promise<Finding[]> => {
  const { config, templates } = scene;
  if ((await templates().catch(() => undefined)) === undefined) return [notLookedAt('the templates cannot be read')];
  const user = await scene.side().then(
    (side) => side.user,
    () => undefined,
  );
  const own = user === undefined ? [] : sinksBehindLogs(user);
  const rendered = config.sinks === 'none' ? [] : await renderedSinks(scene, user?.globalAcknowledgements ?? false);
  const sinks = [...rendered, ...own];
  if (sinks.length === 0) return [await noSink(scene)];
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

const renderedSinks = async ({ rendered }: Scene, isGlobal: boolean): Promise<Sink[]> => {
  const { blocks } = await rendered();
  return blocks
    .filter(({ kind }) => kind === 'sink')
    .flatMap(({ heading, text }) =>
      Object.entries(objectOf(parse(text).sinks)).map(([id, table]) => ({
        id,
        from: heading,
        acknowledged: isAcknowledged(objectOf(table).acknowledgements) ?? isGlobal,
        inputs: textsOf(objectOf(table).inputs),
      })),
    )
    .filter(({ inputs }) => inputs.some((input) => reads({ input, id: LOGS_ID })));
};

/** `acknowledgements = true` and `acknowledgements.enabled = true` mean the same; undefined: not said. */
const isAcknowledged = (value: unknown): boolean | undefined => {
  const said = typeof value === 'boolean' ? value : objectOf(value).enabled;
  return typeof said === 'boolean' ? said : undefined;
};

/** The team's sinks that read the labelled lines, also through transforms of the team's own. */
const sinksBehindLogs = ({ components, sinks }: UserConfig): Sink[] => {
  const reached = new Set([LOGS_ID]);
  for (let before = 0; before < reached.size; ) {
    before = reached.size;
    for (const { kind, id, inputs = [] } of components) {
      if (kind === 'transform' && inputs.some((input) => [...reached].some((one) => reads({ input, id: one })))) {
        reached.add(id);
      }
    }
  }
  return sinks
    .filter(({ inputs }) => inputs.some((input) => [...reached].some((id) => reads({ input, id }))))
    .map(({ id, file, acknowledged }) => ({ id, from: file, acknowledged }));
};

/** An input may be a glob, and may name one output of a component: `split.errors`. */
const reads = ({ input, id }: { input: string; id: string }): boolean =>
  input === id || input.startsWith(`${id}.`) || matchesGlob({ pattern: input, path: id });

const noSink = async ({ config, isVectorUnknown }: Scene): Promise<Finding> => {
  if (config.sinks !== 'none') return warn('the sink template renders no sink', 'see the lines on templates and proof');
  const advice = `add a sink with inputs = ["${LOGS_ID}"] to a Vector file of your own, or set sinks: default`;
  return (await isVectorUnknown())
    ? warn(`sinks is none, and no file is known whose sink reads ${LOGS_ID}`, advice)
    : fail(`no sink reads ${LOGS_ID}: every line would be read and thrown away`, advice);
};
