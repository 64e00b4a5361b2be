import { createTwoFilesPatch } from 'diff';
import type { Colors } from 'picocolors/types.js';
import { describeError } from '../errors.ts';
import type { Refused } from '../render/render.ts';
import { type Component, restartsOf } from './changes.ts';
import type { Plan } from './plan.ts';

/** What a dry run prints: the change of the file, then what that means, then what was left out and why. Pure. */
export const showPlan = ({
  plan,
  live,
  liveName,
  refused,
  colors,
}: {
  plan: Plan;
  live: string | undefined;
  /** How the live file is called in the diff's head. */
  liveName: string;
  refused: readonly Refused[];
  colors: Colors;
}): { diff: string; summary: string } => {
  const patch = plan.swap
    ? createTwoFilesPatch(
        live === undefined ? '/dev/null' : liveName,
        liveName,
        live ?? '',
        plan.text,
        undefined,
        undefined,
        {
          context: 3,
        },
      )
    : '';
  const diff = patch
    .split('\n')
    .filter((line) => !/^=+$/.test(line))
    .map((line) => paint(line, colors))
    .join('\n');
  return {
    diff,
    summary: [summaryOf({ plan, colors }), ...refused.map((one) => refusedLines(one, colors))].join('\n'),
  };
};

const paint = (line: string, colors: Colors): string => {
  if (line.startsWith('---') || line.startsWith('+++')) return colors.bold(line);
  if (line.startsWith('@@')) return colors.cyan(line);
  if (line.startsWith('+')) return colors.green(line);
  if (line.startsWith('-')) return colors.red(line);
  return line;
};

const summaryOf = ({ plan, colors }: { plan: Plan; colors: Colors }): string => {
  const { changes } = plan;
  if (!plan.swap) return plan.reload ? 'No changes; Vector has not confirmed these bytes yet.' : 'No changes.';
  const restarted = restartsOf(changes);
  return [
    `Components: ${colors.green(`${changes.added.length} added`)}, ${colors.yellow(`${changes.changed.length} changed`)}, ` +
      `${colors.red(`${changes.removed.length} removed`)}; ${restarted.length} restarted.`,
    ...rows('+', changes.added, colors.green),
    ...rows('~', changes.changed, colors.yellow),
    ...rows('-', changes.removed, colors.red),
    ...rows('!', restarted, colors.yellow).map((row) => `${row} (restarts)`),
  ].join('\n');
};

const rows = (sign: string, components: readonly Component[], paintRow: (text: string) => string): string[] =>
  components.map(({ kind, id }) => paintRow(`  ${sign} ${kind} ${id}`));

const refusedLines = ({ heading, errors, isKept }: Refused, colors: Colors): string =>
  [
    colors.red(`Left out: ${heading}${isKept ? ', which keeps what it has live' : ''}`),
    ...errors.map((error) => describeError(error).replaceAll(/^/gm, '  ')),
  ].join('\n');
