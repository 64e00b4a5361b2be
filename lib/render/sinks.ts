import type { TaskContext } from '../context/context.ts';
import { CONTEXT_VERSION } from '../context/schema.ts';
import { NvlError } from '../errors.ts';
import { type Component, componentsOf } from '../plan/changes.ts';
import { groupId, LOGS_ID, REST_GROUP } from './file.ts';
import { type RenderedBlock, renderBlock } from './render-block.ts';
import type { Template, Templates } from './templates.ts';

/** A sink template that has lines to take on this node, and what it came to. `group` is undefined for the node's own. */
export type RenderedSink = { key: string; group: string | undefined; path: string; made: RenderedBlock };

export const SINK_KEY = 'sink:default';

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

/** Why a task's lines would go nowhere; undefined when there is a sink template for them. */
export const missingSink = ({
  group,
  templates,
}: {
  group: string | undefined;
  templates: Templates;
}): NvlError | undefined => {
  if (group === undefined || templates.profiles.get(group)?.sink !== undefined) return undefined;
  return new NvlError('profileUnknown', {
    message: `a rule names the sink of ${group}, which has none`,
    advice: `add profiles/${group}/sink.toml.hbs, or change the rule`,
  });
};

/**
 * Renders the node's sink, and that of each group that has tasks here. Where any profile has a sink of its own, the node's
 * takes the rest: no line goes to two sinks.
 */
export const renderSinks = ({
  templates,
  groups,
  node,
  region,
  tasksOf,
}: {
  templates: Templates;
  /** The groups that have tasks on this node, sorted. */
  groups: readonly string[];
  node: object;
  region: string;
  /** The tasks of a group as sinks see them; of all groups for the node's own sink. */
  tasksOf: (group: string | undefined) => readonly object[];
}): RenderedSink[] => {
  const hasGroups = [...templates.profiles.values()].some(({ sink }) => sink !== undefined);
  const render = (template: Template, group: string | undefined, input: string): RenderedSink => {
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
    const key = group === undefined ? SINK_KEY : `sink:${group}`;
    return { key, group, path: template.path, made: renderBlock({ template, kind: 'sink', id: key, context }) };
  };
  const own = groups.flatMap((group) => {
    const template = templates.profiles.get(group)?.sink;
    return template === undefined ? [] : [render(template, group, groupId(group))];
  });
  return withoutTwins([render(templates.sink, undefined, hasGroups ? groupId(REST_GROUP) : LOGS_ID), ...own]);
};

/** Two sinks, or transforms before them, of one name would make a file that is no TOML, for all. */
const withoutTwins = (sinks: RenderedSink[]): RenderedSink[] => {
  const owners = new Map<string, string>();
  return sinks.map((sink) => {
    if (!sink.made.ok) return sink;
    for (const { component } of componentsOf(sink.made.text).values()) {
      const owner = owners.get(component.id);
      if (owner !== undefined)
        return { ...sink, made: { ok: false, errors: [twin({ component, path: sink.path, owner })] } };
      owners.set(component.id, sink.path);
    }
    return sink;
  });
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

/** For a task whose lines would be read and go nowhere. */
export const deadSink = (path: string): NvlError =>
  new NvlError('blockRefused', {
    message: 'the sink that takes its lines cannot be rendered, so that they would be read and lost',
    facts: { from: path },
    advice: 'mend the sink; the lines are read from their beginning then',
  });
