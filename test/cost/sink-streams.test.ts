import { expect, test } from 'vitest';
import { type StreamSide, sinkStreams } from '../../lib/cost/sink-streams.ts';
import type { EngineEvent } from '../../lib/engine/event.ts';
import type { Block } from '../../lib/render/file.ts';
import type { VrlObject } from '../../lib/vrl/values.ts';

const aSink = (labels: string, more = '', key = 'sink:default'): Block => ({
  key,
  kind: 'sink',
  heading: 'vector/sink.toml.hbs',
  text: `[sinks.${key === 'sink:default' ? 'loki' : 'other'}]\ntype = "loki"\ninputs = ["nomad_logs"]\n${labels}\n${more}`,
});
const aPipeline = (key: string, heading = 'profile web'): Block => ({ key, kind: 'pipeline', heading, text: '' });

const anEvent = (event: VrlObject): EngineEvent => ({ event, metadata: {}, secrets: {}, lines: [] });

/** Two tasks, `a` and `b`, of jobs of these names, that write to stdout alone. */
const aSide = (
  blocks: Block[],
  { events = {}, labelled = ['a', 'b'] }: { events?: Record<string, EngineEvent[]>; labelled?: string[] } = {},
): StreamSide => ({
  blocks: [aPipeline('p'), ...blocks],
  rows: ['a', 'b'].map((stem) => ({ stem, pipeline: 'p' })),
  labels: async () =>
    new Map(labelled.map((stem) => [stem, new Map([['stdout' as const, { nomad: { job: stem, stream: 'stdout' } }]])])),
  eventsOf: async (stem) => events[stem],
});

const count = async (after: StreamSide, before = aSide([])) => {
  const found = await sinkStreams({
    before,
    after,
    taskOf: () => ({ isNow: true, weight: undefined, streams: ['stdout'] }),
  });
  return found.map(({ sink, before: from, after: to, unknown }) => ({ sink, counts: [from?.now, to?.now], unknown }));
};

const LEVELS = {
  a: [{ level: 'info' }, { level: 'warn' }, { level: 'info' }].map(anEvent),
  b: [anEvent({ level: 'info' })],
};

test.each<[string, StreamSide, unknown]>([
  [
    'a label of the task',
    aSide([aSink('labels.job = "{{ nomad.job }}"')]),
    [{ sink: 'loki', counts: [0, 2], unknown: [] }],
  ],
  [
    'a label of the line has the values of the sample',
    aSide([aSink('labels.job = "{{ nomad.job }}"\nlabels.level = "{{ level }}"')], { events: LEVELS }),
    [{ sink: 'loki', counts: [0, 3], unknown: [] }],
  ],
  [
    'what a sample says of its own task is not taken',
    aSide([aSink('labels.job = "{{ nomad.job }}"\nlabels.level = "{{ level }}"')], {
      events: { a: [anEvent({ level: 'x', nomad: { job: 'b' } })], b: [anEvent({ level: 'x' })] },
    }),
    [{ sink: 'loki', counts: [0, 2], unknown: [] }],
  ],
  [
    'without a sample that is said, and counted without it',
    aSide([aSink('labels.job = "{{ nomad.job }}"\nlabels.level = "{{ level }}"')]),
    [{ sink: 'loki', counts: [0, 2], unknown: ['no sample lines say which values level has'] }],
  ],
  [
    'transforms of its own stand before it',
    aSide([aSink('labels.job = "{{ nomad.job }}"', '[transforms.x]\ntype = "filter"\n')]),
    [{ sink: 'loki', counts: [0, undefined], unknown: ['transforms of its own stand before the sink loki'] }],
  ],
  [
    'whole objects as labels',
    aSide([aSink('labels."*" = "{{ fields }}"')]),
    [{ sink: 'loki', counts: [0, undefined], unknown: [expect.stringContaining('nvl does not read its *')] }],
  ],
  [
    'labels that need Vector',
    aSide([aSink('labels.job = "{{ nomad.job }}"')], { labelled: ['a'] }),
    [{ sink: 'loki', counts: [0, undefined], unknown: ['the labels of its tasks cannot be made without Vector'] }],
  ],
  ['no labels of tasks or lines', aSide([aSink('labels.app = "all"')]), []],
])('streams of a sink: %s', async (_, side, expected) => {
  expect(await count(side)).toEqual(expected);
});

test('each sink has its own tasks, and one that goes has none afterwards', async () => {
  const own = aSink('labels.job = "{{ nomad.job }}"', '', 'sink:web');
  const side: StreamSide = {
    ...aSide([]),
    blocks: [aSink('labels.job = "{{ nomad.job }}"'), own, aPipeline('p'), aPipeline('q', 'profile web (sink web)')],
    rows: [
      { stem: 'a', pipeline: 'p' },
      { stem: 'b', pipeline: 'q' },
    ],
  };
  expect(await count(side)).toEqual([
    { sink: 'loki', counts: [0, 1], unknown: [] },
    { sink: 'other', counts: [0, 1], unknown: [] },
  ]);
  expect(await count(aSide([]), side)).toMatchObject([{ counts: [1, 0] }, { counts: [1, 0] }]);
});
