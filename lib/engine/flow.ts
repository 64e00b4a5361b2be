import { NvlError } from '../errors.ts';
import type { ComponentFault, Components } from './components.ts';
import { DEFAULT_OUTPUT, type EngineEvent } from './event.ts';
import type { Dropped, TransformStep } from './transform.ts';

/** By output: `id`, or `id.port` for one that has a name. */
export type EngineStep = {
  outputs: ReadonlyMap<string, readonly EngineEvent[]>;
  dropped: readonly (Dropped & { component: string })[];
  /** Components whose program ended its thread, as one that takes too long does: what they got is gone. */
  failed: readonly ComponentFault[];
};

/** Has the events of sources go through all transforms, one after the other. */
export const flowThrough = async ({
  transforms,
  from,
  atMs,
  isReleasing,
}: {
  transforms: Components['transforms'];
  /** By sources. */
  from: ReadonlyMap<string, readonly EngineEvent[]>;
  atMs: number;
  /** Also what the transforms hold back comes out, each before what comes behind it. */
  isReleasing: boolean;
}): Promise<EngineStep> => {
  const outputs = new Map(from);
  const dropped: (Dropped & { component: string })[] = [];
  const failed: ComponentFault[] = [];
  for (const one of transforms) {
    const { id, inputs, transform } = one;
    const events = inputs.flatMap((input) => outputs.get(input) ?? []);
    const steps = events.length === 0 ? [] : await taken({ one, events, atMs, failed });
    if (isReleasing && transform.release !== undefined) steps.push(transform.release());
    for (const step of steps) {
      for (const [port, given] of step.outputs) {
        const name = port === DEFAULT_OUTPUT ? id : `${id}.${port}`;
        outputs.set(name, [...(outputs.get(name) ?? []), ...given]);
      }
      for (const each of step.dropped ?? []) dropped.push({ ...each, component: id });
    }
  }
  return { outputs, dropped, failed };
};

/** One component's failure is no other's. */
const taken = async ({
  one: { id, transform },
  events,
  atMs,
  failed,
}: {
  one: Components['transforms'][number];
  events: readonly EngineEvent[];
  atMs: number;
  failed: ComponentFault[];
}): Promise<TransformStep[]> => {
  try {
    return [await transform.take(events, atMs)];
  } catch (error) {
    if (!(error instanceof NvlError)) throw error;
    failed.push({ component: id, error });
    return [];
  }
};
