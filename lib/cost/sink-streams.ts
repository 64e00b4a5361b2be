import type { EngineEvent } from '../engine/event.ts';
import { type FieldTemplate, parseFieldTemplate, renderFieldTemplate } from '../engine/field-template.ts';
import type { LogStream } from '../link-name.ts';
import { componentsOf } from '../render/components.ts';
import { type Block, namesOfPipeline, sinkKey } from '../render/file.ts';
import type { Table } from '../table.ts';
import type { VrlObject } from '../vrl/values.ts';
import type { Sides } from './job-costs.ts';
import { type SinkParts, sinkParts } from './sink-parts.ts';
import { countStreams, type LabelSet, type StreamCount } from './stream-count.ts';
import type { TaskLabels } from './task-labels.ts';

export type { StreamCount } from './stream-count.ts';

/** How many streams (files, indices, …) a sink has. Undefined on a side where that is not known; none on one where the sink is not. */
export type SinkStreams = { sink: string; what: string; unknown: readonly string[] } & Sides<StreamCount | undefined>;

/** What one side's sinks are counted by. */
export type StreamSide = {
  blocks: readonly Block[];
  rows: readonly { stem: string; pipeline: string }[];
  /** Asked for only where a sink needs them. */
  labels: () => Promise<ReadonlyMap<string, TaskLabels>>;
  /** Events of the sample of a task, by its stem; undefined where there are none to be had. */
  eventsOf: (stem: string) => Promise<readonly EngineEvent[] | undefined>;
};

/** A recorded task: see `LabelSet`. `streams`: to which it writes. */
export type StreamTask = Pick<LabelSet, 'isNow' | 'weight'> & { streams: readonly LogStream[] };

/** The sinks of both sides that tell events apart, sorted by their ids. */
export const sinkStreams = async ({
  before,
  after,
  taskOf,
}: Sides<StreamSide> & { taskOf: (stem: string) => StreamTask | undefined }): Promise<SinkStreams[]> => {
  const [old, next] = [await countSide({ side: before, taskOf }), await countSide({ side: after, taskOf })];
  return [...new Set([...old.keys(), ...next.keys()])].sort().map((sink) => {
    const [from, to] = [old.get(sink), next.get(sink)];
    return {
      sink,
      what: (to ?? from)?.what ?? '',
      before: from === undefined ? NONE : from.count,
      after: to === undefined ? NONE : to.count,
      unknown: [...new Set([...(from?.unknown ?? []), ...(to?.unknown ?? [])])],
    };
  });
};

const NONE: StreamCount = { now: 0, perDay: 0, by: undefined };

type Counted = { what: string; count: StreamCount | undefined; unknown: string[] };

const countSide = async ({
  side,
  taskOf,
}: {
  side: StreamSide;
  taskOf: (stem: string) => StreamTask | undefined;
}): Promise<Map<string, Counted>> => {
  const found = new Map<string, Counted>();
  for (const block of side.blocks.filter(({ kind }) => kind === 'sink')) {
    const components = [...componentsOf(block.text).values()];
    const hasTransforms = components.some(({ component }) => component.kind === 'transform');
    const stems = stemsOf({ side, sink: block.key });
    for (const { component, table } of components.filter((one) => one.component.kind === 'sink')) {
      const parts = sinkParts(table as Table);
      if (parts === undefined) continue;
      const why = hasTransforms ? `transforms of its own stand before the sink ${component.id}` : undefined;
      found.set(
        component.id,
        why === undefined
          ? { what: parts.what, ...(await countSink({ parts, stems, side, taskOf })) }
          : { what: parts.what, count: undefined, unknown: [why] },
      );
    }
  }
  return found;
};

const stemsOf = ({ side: { blocks, rows }, sink }: { side: StreamSide; sink: string }): string[] => {
  const pipelines = new Set(
    blocks
      .filter(({ kind, heading }) => kind === 'pipeline' && sinkKey(namesOfPipeline(heading)?.sink) === sink)
      .map(({ key }) => key),
  );
  return rows.filter(({ pipeline }) => pipelines.has(pipeline)).map(({ stem }) => stem);
};

const countSink = async ({
  parts,
  stems,
  side,
  taskOf,
}: {
  parts: SinkParts;
  stems: readonly string[];
  side: StreamSide;
  taskOf: (stem: string) => StreamTask | undefined;
}): Promise<Omit<Counted, 'what'>> => {
  const templates = readLabels(parts);
  if ('unknown' in templates) return { count: undefined, unknown: [templates.unknown] };
  const sets: LabelSet[] = [];
  const unknown = new Set<string>();
  const apart = apartBy(templates);
  const byStem = await side.labels();
  for (const stem of stems) {
    const [task, labels] = [taskOf(stem), byStem.get(stem)];
    if (task === undefined) continue;
    if (labels === undefined) {
      return { count: undefined, unknown: ['the labels of its tasks cannot be made without Vector'] };
    }
    const events = templates.ofLines.length === 0 ? [] : await side.eventsOf(stem);
    if (events === undefined || (templates.ofLines.length > 0 && events.length === 0))
      unknown.add(`no sample lines say which values ${templates.ofLines.join(', ')} has`);
    for (const stream of task.streams) {
      const own = labels.get(stream);
      if (own === undefined) continue;
      for (const event of merged({ own, events: apart(events ?? []) }))
        sets.push({ labels: labelsOf({ templates: templates.all, event }), isNow: task.isNow, weight: task.weight });
    }
  }
  return { count: countStreams(sets), unknown: [...unknown] };
};

type Labels = { all: ReadonlyMap<string, FieldTemplate> /** Those that a line decides about. */; ofLines: string[] };

const readLabels = ({ labels }: SinkParts): Labels | { unknown: string } => {
  const all = new Map<string, FieldTemplate>();
  for (const [name, text] of labels) {
    const template = parseFieldTemplate(text);
    if (template === undefined || /\*/.test(name + text)) return { unknown: `nvl does not read its ${name} = ${text}` };
    all.set(name, template);
  }
  const isOfLines = (template: FieldTemplate): boolean =>
    template.some((part) => typeof part !== 'string' && (part.isMetadata || part.segments[0] !== 'nomad'));
  return { all, ofLines: [...all].filter(([, template]) => isOfLines(template)).map(([name]) => name) };
};

/** One event for each set of values that lines decide about: tasks of one profile share thousands of events. */
const apartBy = ({ all, ofLines }: Labels): ((events: readonly EngineEvent[]) => readonly EngineEvent[]) => {
  const known = new Map<readonly EngineEvent[], readonly EngineEvent[]>();
  const templates = new Map([...all].filter(([name]) => ofLines.includes(name)));
  return (events) => {
    const apart = known.get(events) ?? [
      ...new Map(events.map((event) => [JSON.stringify([...labelsOf({ templates, event })]), event])).values(),
    ];
    known.set(events, apart);
    return apart;
  };
};

/** What a sample gave, as if the task had written it. */
const merged = ({ own, events }: { own: VrlObject; events: readonly EngineEvent[] }): EngineEvent[] =>
  events.length === 0
    ? [{ event: own, metadata: {}, secrets: {}, lines: [] }]
    : events.map((one) => ({
        ...one,
        event: { ...one.event, ...(own.nomad === undefined ? {} : { nomad: own.nomad }) },
      }));

const labelsOf = ({
  templates,
  event,
}: {
  templates: ReadonlyMap<string, FieldTemplate>;
  event: EngineEvent;
}): Map<string, string> =>
  new Map(
    [...templates].flatMap(([name, template]): [string, string][] => {
      const value = renderFieldTemplate(template, event);
      // A label whose field is missing is left out.
      return value === undefined ? [] : [[name, value]];
    }),
  );
