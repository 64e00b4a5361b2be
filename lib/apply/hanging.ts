import type { Blamed, Unit } from '../cycle-deps.ts';
import { NvlError } from '../errors.ts';
import { LOGS_ID } from '../ids.ts';
import { componentsOf } from '../render/components.ts';
import type { Block } from '../render/file.ts';
import { tomlText } from '../toml-text.ts';

/** Whether a proof of these blocks comes to an end, however it ends. */
export type Ends = (blocks: readonly Block[]) => Promise<boolean>;

/**
 * What to set aside when a proof hangs, so that all others ship at once: the new shapes, else whatever is not live byte for
 * byte; undefined when what is live hangs as well, for then no block is to blame.
 */
export const suspectsOf = async ({
  blocks,
  live,
  ends,
}: {
  blocks: readonly Block[];
  live: ReadonlyMap<string, Block>;
  ends: Ends;
}): Promise<readonly Block[] | undefined> => {
  const shapes = new Set([...live.values()].filter(({ kind }) => kind === 'pipeline').map(shapeOf));
  const isLive = (block: Block): boolean => live.get(block.key)?.text === block.text;
  const isKnown = (block: Block): boolean => isLive(block) || (block.kind === 'pipeline' && shapes.has(shapeOf(block)));
  for (const isTrusted of [isKnown, isLive]) {
    const suspects = blocks.filter((block) => !isTrusted(block));
    if (suspects.length > 0 && (await ends(withSink(without({ blocks, suspects, live }))))) return suspects;
  }
  return undefined;
};

/** The blocks with the suspects as they are live; a sink that was never live is stood in for, as a set needs one. */
export const without = ({
  blocks,
  suspects,
  live,
}: {
  blocks: readonly Block[];
  suspects: readonly Block[];
  live: ReadonlyMap<string, Block>;
}): Block[] => {
  const aside = new Set(suspects);
  return blocks.flatMap((block) => {
    if (!aside.has(block)) return [block];
    return live.get(block.key) ?? (block.kind === 'sink' ? standIn(block) : []);
  });
};

/** Vector refuses a set without a sink before it looks at anything else in it. */
const withSink = (blocks: readonly Block[]): readonly Block[] =>
  blocks.some(({ kind }) => kind === 'sink')
    ? blocks
    : [
        ...blocks,
        {
          key: 'sink:trial',
          kind: 'sink',
          heading: 'trial',
          text: `[sinks.nvl_trial]\ntype = "blackhole"\ninputs = ["${LOGS_ID}"]`,
        },
      ];

/** Two lots, which halves what a search has to look at. */
export const halvesOf = (units: readonly Unit[]): (readonly Unit[])[] => {
  const middle = Math.ceil(units.length / 2);
  return [units.slice(0, middle), units.slice(middle)].filter((half) => half.length > 0);
};

/** The same sinks by name and inputs, which take what comes and throw it away, without the transforms before them. */
export const standIn = (block: Block): Block => {
  const own = [...componentsOf(block.text).values()];
  const ids = new Set(own.map(({ component }) => component.id));
  const inputsOf = (table: unknown): string[] => {
    const { inputs } = table as { inputs?: unknown };
    const outer = Array.isArray(inputs)
      ? inputs.map(String).filter((input) => !ids.has(input.split('.')[0] ?? ''))
      : [];
    return outer.length > 0 ? outer : [LOGS_ID];
  };
  return {
    ...block,
    text: own
      .filter(({ component }) => component.kind === 'sink')
      .map(({ component: { id }, table }) => {
        const inputs = inputsOf(table).map(tomlText).join(', ');
        return `[sinks.${id}]\ntype = "blackhole"\ninputs = [${inputs}]`;
      })
      .join('\n\n'),
  };
};

/** Sinks by themselves, and tasks by what their blocks have in common once names and numbers are left out. */
export const unitsOf = (blocks: readonly Block[]): Unit[] => {
  const units = new Map<string, Block[]>();
  for (const block of blocks) {
    const unit = block.kind === 'sink' ? block.key : shapeOf(block);
    units.set(unit, [...(units.get(unit) ?? []), block]);
  }
  return [...units.values()];
};

const shapeOf = ({ key, text }: Block): string => text.replaceAll(key, '').replaceAll(/"(?:[^"\\\n]|\\.)*"|\d+/g, '?');

/** One step of the search for the units that hang: those that come to an end are free, of the others the halves are next. */
export const tryUnits = async ({
  units,
  rest,
  ends,
}: {
  units: readonly Unit[];
  /** What is known to come to an end, without any of the units. */
  rest: readonly Block[];
  ends: Ends;
}): Promise<{ free: readonly Unit[] } | { guilty: Unit } | { halves: (readonly Unit[])[] }> => {
  const tried = units.flat();
  const keys = new Set(tried.map(({ key }) => key));
  if (await ends(withSink([...rest.filter(({ key }) => !keys.has(key)), ...tried]))) return { free: units };
  const [first] = units;
  return units.length <= 1 || first === undefined ? { guilty: first ?? [] } : { halves: halvesOf(units) };
};

/** The whole search at once, for a command that holds nothing up. */
export const findHanging = async ({ blocks, ends }: { blocks: readonly Block[]; ends: Ends }): Promise<Block[]> => {
  const rest = blocks.filter(({ kind }) => kind === 'sink').map(standIn);
  const guilty: Block[] = [];
  for (let queue = halvesOf(unitsOf(blocks)); queue.length > 0; ) {
    const [units = [], ...others] = queue;
    const found = await tryUnits({ units, rest, ends });
    if ('guilty' in found) guilty.push(...found.guilty);
    queue = 'halves' in found ? [...found.halves, ...others] : others;
  }
  return guilty;
};

export const hangs = ({ blocks, error }: { blocks: readonly Block[]; error: NvlError }): Blamed[] =>
  blocks.map((block) => ({
    block,
    error: new NvlError('vectorHangs', {
      message: `Vector gives no answer over the blocks of ${block.heading}`,
      facts: { proof: error.facts.proof, said: error.facts.said },
      advice: 'look for what it waits for or computes without end; the other tasks ship',
    }),
  }));
