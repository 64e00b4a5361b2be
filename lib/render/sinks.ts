import type { TaskContext } from '../context/context.ts';
import { CONTEXT_VERSION } from '../context-version.ts';
import { NvlError } from '../errors.ts';
import { LOGS_ID, REST_ID } from '../ids.ts';
import { type Component, componentsOf } from './components.ts';
import { type Block, groupId, sinkKey } from './file.ts';
import type { LastGood } from './last-good.ts';
import { sinkReason } from './mark.ts';
import type { SinkSlip } from './place-task.ts';
import { type Instead, type RefusedBlock, withoutRepeats } from './refused.ts';
import { renderBlock } from './render-block.ts';
import { DEFAULT_PROFILE, type Template, type Templates } from './templates.ts';

/**
 * The sink that takes a task's lines: the one that a rule names, else its profile's own; undefined: the node's. Pure.
 */
export const sinkGroupOf = ({
  context,
  templates,
}: {
  context: TaskContext;
  templates: Templates;
}): string | undefined => {
  if (context.sink !== '') return context.sink;
  return templates.profiles.get(context.profile)?.sink === undefined ? undefined : context.profile;
};

/** Where a task's lines go. `slip`: the sink that should take them can't be used. */
export type Route = { group: string | undefined; slip?: SinkSlip } | { dead: NvlError };

export type PlacedSinks = {
  blocks: Block[];
  refused: RefusedBlock[];
  /** Where the lines of a group's tasks go; of `undefined`, of those that no other sink takes. */
  routeOf: (group: string | undefined) => Route;
  /** Templates that are in use as they are, by profile. */
  sound: ReadonlyMap<string, Template>;
};

type SinksToPlace = {
  templates: Templates;
  lastGood: LastGood;
  /** The groups that have tasks on this node, sorted. */
  groups: readonly string[];
  node: object;
  region: string;
  /** The tasks of a group as sinks see them; of all groups for the node's own sink. */
  tasksOf: (group: string | undefined) => readonly object[];
  live: ReadonlyMap<string, Block>;
  barOf: (key: string, text: string) => NvlError | undefined;
};

/**
 * The node's sink, and that of each group that has tasks here, each by the best that can be used: its template, what it has
 * live, its template as Vector last took it. Where a group has none, its lines go to the node's own. Where any profile has a
 * sink of its own, the node's takes the rest: no line goes to two sinks. Pure.
 */
export const placeSinks = (given: SinksToPlace): PlacedSinks => {
  const { templates, groups, live } = given;
  const isSplit =
    [...templates.profiles.values()].some(({ sink }) => sink !== undefined) ||
    groups.some((group) => live.has(sinkKey(group)));
  const node = { group: undefined, template: templates.sink, input: isSplit ? REST_ID : LOGS_ID };
  const own = groups.map((group) => ({
    group,
    template: templates.profiles.get(group)?.sink,
    input: groupId(group),
  }));
  const owners = new Map<string, string>();
  const placed = [node, ...own].map((sink) => ({ ...sink, ...placeSink({ given, sink, owners }) }));
  const used = new Map(placed.map((sink) => [sink.group, sink]));
  const takesAll = isSplit && stillTakesAll(used.get(undefined));
  return {
    blocks: placed.flatMap(({ group, block }) =>
      block === undefined || (takesAll && group !== undefined) ? [] : [block],
    ),
    refused: placed.flatMap(({ refused }) => refused ?? []),
    routeOf: (group) => {
      const wanted = used.get(group);
      if (wanted?.block !== undefined && (group === undefined || !takesAll)) return { group };
      if (used.get(undefined)?.block === undefined) return { dead: deadSink(templates.sink.path) };
      const name = group ?? DEFAULT_PROFILE;
      const isUnknown = wanted?.template === undefined;
      const error = isUnknown ? missingSink(name) : unusableSink(wanted.template?.path ?? name);
      return { group: undefined, slip: { error, reason: sinkReason({ group: name, isUnknown }) } };
    },
    sound: new Map(
      placed.flatMap(({ group, template, refused, block }) =>
        template === undefined || refused !== undefined || block === undefined
          ? []
          : [[group ?? DEFAULT_PROFILE, template]],
      ),
    ),
  };
};

/** The node's sink as it is live takes every line: one of a profile's beside it would take some of them twice. */
const stillTakesAll = (placed: { block?: Block; refused?: RefusedBlock } | undefined): boolean =>
  placed?.block !== undefined && placed.refused?.instead === 'live' && placed.block.text.includes(`"${LOGS_ID}"`);

type Sink = { group: string | undefined; template: Template | undefined; input: string };

/** `owners`: the templates whose sinks are placed already, by the names of these; what is placed here is added. */
const placeSink = ({
  given,
  sink,
  owners,
}: {
  given: SinksToPlace;
  sink: Sink;
  owners: Map<string, string>;
}): { block?: Block; refused?: RefusedBlock } => {
  const { lastGood, live, barOf } = given;
  const key = sinkKey(sink.group);
  const heading = sink.template?.path ?? live.get(key)?.heading ?? '';
  const good = lastGood.sinks.get(sink.group ?? DEFAULT_PROFILE);
  const errors: NvlError[] = [];
  const tries: { instead: Instead | undefined; make: () => string | undefined }[] = [
    { instead: undefined, make: () => renderSink({ given, sink, template: sink.template, errors }) },
    { instead: 'live', make: () => live.get(key)?.text },
    { instead: 'lastGood', make: () => renderSink({ given, sink, template: good, errors }) },
  ];
  for (const { instead, make } of tries) {
    const text = make();
    if (text === undefined) continue;
    const fault = barOf(key, text) ?? twinOf({ text, path: heading, owners });
    if (fault !== undefined) {
      errors.push(fault);
      continue;
    }
    for (const { component } of componentsOf(text).values()) owners.set(component.id, heading);
    const block: Block = {
      key,
      kind: 'sink',
      heading: instead === 'live' ? (live.get(key)?.heading ?? heading) : heading,
      text,
    };
    return instead === undefined
      ? { block }
      : { block, refused: { key, heading, errors: withoutRepeats(errors), instead } };
  }
  // A group without any template is a wrong name in a rule, and told with its tasks.
  return errors.length === 0 ? {} : { refused: { key, heading, errors: withoutRepeats(errors), instead: 'nothing' } };
};

const renderSink = ({
  given: { node, region, tasksOf },
  sink: { group, input },
  template,
  errors,
}: {
  given: SinksToPlace;
  sink: Sink;
  template: Template | undefined;
  errors: NvlError[];
}): string | undefined => {
  if (template === undefined) return undefined;
  let tasks: readonly object[] | undefined;
  const context = {
    contextVersion: CONTEXT_VERSION,
    input,
    region,
    node,
    // Made only where a sink template asks for it, and then once.
    get tasks() {
      tasks ??= tasksOf(group);
      return tasks;
    },
  };
  const made = renderBlock({ template, context });
  if (!made.ok) errors.push(...made.errors);
  return made.ok ? made.text : undefined;
};

/** Two sinks, or transforms before them, of one name would make a file that is no TOML, for all. */
const twinOf = ({
  text,
  path,
  owners,
}: {
  text: string;
  path: string;
  owners: ReadonlyMap<string, string>;
}): NvlError | undefined => {
  for (const { component } of componentsOf(text).values()) {
    const owner = owners.get(component.id);
    if (owner !== undefined) return twin({ component, path, owner });
  }
  return undefined;
};

const twin = ({
  component: { kind, id },
  path,
  owner,
}: {
  component: Component;
  path: string;
  owner: string;
}): NvlError =>
  new NvlError('blockRefused', {
    message: `the ${kind} ${id} is already defined in ${owner}`,
    facts: { from: path },
    advice: `give each ${kind} of the node's sink templates a name of its own`,
  });

const missingSink = (group: string): NvlError =>
  new NvlError('profileUnknown', {
    message: `a rule names the sink of ${group}, which has none; its lines go to the node's own sink`,
    advice: `add profiles/${group}/sink.toml.hbs, or change the rule`,
  });

const unusableSink = (path: string): NvlError =>
  new NvlError('blockRefused', {
    message: "the sink that takes its lines cannot be used; they go to the node's own sink",
    facts: { from: path },
    advice: 'fix the sink',
  });

/** For a task whose lines would be read and go nowhere. */
export const deadSink = (path: string): NvlError =>
  new NvlError('blockRefused', {
    message: 'the sink that takes its lines cannot be rendered, so that they would be read and lost',
    facts: { from: path },
    advice: 'fix the sink; the lines are read from their beginning then',
  });
