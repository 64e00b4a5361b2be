import { type Decider, deciderText, valueText } from '../pipelines/decider.ts';
import { type Deciders, differencesBetween } from '../pipelines/differences.ts';
import { firstOf } from '../plan/once-each.ts';
import { tasksText } from '../plan/regroup-lines.ts';
import { namesOfPipeline } from '../render/file.ts';
import type { Rendered } from '../render/render.ts';
import type { Templates } from '../render/templates.ts';
import { whereWritten } from '../render/where-written.ts';

/**
 * In which pipeline a task is, with how many others, what of the task decides that, and what splits it from the others of
 * its profile, each with the template's line. Pure.
 */
export const explainPipeline = ({
  pipeline,
  rendered,
  templates,
}: {
  pipeline: string;
  rendered: Pick<Rendered, 'rows' | 'blocks' | 'deciders'>;
  templates: Templates;
}): string[] => {
  const placed = (decider: Pick<Decider, 'what' | 'template'>, text: string): string => {
    const at = whereWritten({ decider, templates });
    return at === undefined ? text : `${text}   ${at}`;
  };
  const first = named('pipeline', [`${pipeline}${sharedWords({ pipeline, rendered })}`]);
  const own = rendered.deciders.get(pipeline);
  // It is only kept as it is live.
  if (own === undefined) return first;
  const reads = [...new Set(own.slice(1).map((decider) => placed(decider, deciderText(decider))))];
  const others = othersOf({ pipeline, rendered });
  const apart = differencesBetween(new Map([[pipeline, own], ...others])).map((difference) => {
    const { values } = difference;
    const here = valueText(values.get(pipeline));
    const there = [...others.keys()].flatMap((id) => {
      const value = values.get(id);
      return valueText(value) === here ? [] : [`${valueText(value)} in ${id}`];
    });
    return placed(difference, `${difference.what}: ${here} here, ${firstOf(there)}`);
  });
  return [...first, ...named('asked for', cut(reads)), ...named('split by', cut(apart))];
};

/** The others of its profile that tasks are in. */
const othersOf = ({
  pipeline,
  rendered: { blocks, deciders },
}: {
  pipeline: string;
  rendered: Pick<Rendered, 'blocks' | 'deciders'>;
}): Deciders => {
  const profileOf = (id: string) => namesOfPipeline(blocks.find(({ key }) => key === id)?.heading ?? '')?.profile;
  const own = profileOf(pipeline);
  return new Map([...deciders].filter(([id]) => id !== pipeline && profileOf(id) === own));
};

/** How many other tasks of the node are in it. */
const sharedWords = ({
  pipeline,
  rendered: { rows },
}: {
  pipeline: string;
  rendered: Pick<Rendered, 'rows'>;
}): string => {
  const others = rows.filter((row) => row.pipeline === pipeline).length - 1;
  return others === 0 ? ', alone' : `, with ${others} other ${tasksText(others).replace(/^\d+ /, '')}`;
};

const MOST_LINES = 20;

const cut = (lines: readonly string[]): string[] =>
  lines.length <= MOST_LINES ? [...lines] : [...lines.slice(0, MOST_LINES), `and ${lines.length - MOST_LINES} more`];

const named = (name: string, lines: readonly string[]): string[] =>
  lines.map((line, index) => `  ${(index === 0 ? name : '').padEnd(12)}${line}`);
