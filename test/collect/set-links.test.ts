import { expect, test } from 'vitest';
import { closeLinks, openLinks } from '../../lib/collect/set-links.ts';
import type { LogAccess } from '../../lib/files/log-access.ts';
import { aConfig, anAnswer } from '../support/builders.ts';

type Linking = Parameters<typeof openLinks>[0];
type Decided = Linking['collectedTasks'][number]['decision'];

/** What is opened and closed of a task about which this is decided; `pipeline`: in which Vector has its row. */
const doneFor = ({
  isCollected,
  isLinked,
  pipeline,
}: Pick<Decided, 'isCollected' | 'isLinked'> & { pipeline?: string }) => {
  const done: string[] = [];
  const logAccess = {
    open: ({ id, pipeline: where }: { id: string; pipeline: string }) => done.push(`open ${id} in ${where}`),
    close: ({ id }: { id: string }) => done.push(`close ${id}`),
    findLost: () => {},
    settle: () => {},
  } as unknown as LogAccess;
  const record = { allocId: 'a', task: 't', phase: 'collected' } as unknown as Decided['record'];
  const linking = {
    collectedTasks: [{ id: 'x', listed: undefined, decision: { record, isCollected, isLinked } }],
    snapshot: anAnswer(),
    config: aConfig(),
    logAccess,
    now: () => 0,
    log: {},
  } as unknown as Linking;
  const faults = [...closeLinks(linking), ...openLinks({ ...linking, pipelineOf: () => pipeline })];
  return { done, faults };
};

test.each([
  ['a task whose row Vector has', { isCollected: true, isLinked: true, pipeline: 'p' }, ['open x in p']],
  ['a task whose row Vector does not have yet', { isCollected: true, isLinked: true }, []],
  // Its row stays until what its links let go is delivered.
  ['a task that was read to its end', { isCollected: true, isLinked: false, pipeline: 'p' }, ['close x']],
  ['a task that is over', { isCollected: false, isLinked: false }, ['close x']],
])('links of %s', (_, given, done) => {
  expect(doneFor(given)).toEqual({ done, faults: [] });
});
