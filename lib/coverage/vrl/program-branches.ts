import type { VrlProgram } from '../../vrl/vrl.ts';
import type { Branch, Unmeasured } from '../coverage.ts';
import type { Origin } from '../template/arms.ts';
import type { VrlBranch } from './branches.ts';
import type { SeenProgram } from './watch.ts';
import { conditionWords, neverWords } from './words.ts';

/** Tells where a character of a program is written; undefined for what nvl wrote itself. */
export type OriginAt = (offset: number) => Origin | undefined;

/** What was seen of a program, by the places of its template. Pure. */
export const programBranches = ({
  program,
  seen,
  originAt,
}: {
  program: VrlProgram;
  seen: SeenProgram;
  originAt: OriginAt;
}): { branches: Branch[]; unmeasured: Unmeasured[] } => {
  const outcomes = program.kind === 'condition' ? conditionBranches({ program, seen, originAt }) : [];
  if (seen.unmeasured !== undefined) {
    const at = firstOrigin(program, originAt);
    return { branches: outcomes, unmeasured: at === undefined ? [] : [{ at, why: seen.unmeasured }] };
  }
  const keys = seen.branches.map((branch) => keyOf(branch, originAt));
  const branches = seen.branches.flatMap((branch, index): Branch[] => {
    const [key, at] = [keys[index], originAt(branch.at)];
    if (key === undefined || at === undefined) return [];
    return [
      {
        key,
        at,
        choice: `${at.file}:${at.line}:${at.column}${CHOICE_OF[branch.kind]}`,
        never: neverWords(branch),
        taken: seen.taken[index] ?? 0,
        isGuard: branch.isGuard,
        within: withinOf({ branch, branches: seen.branches, keys }),
        span: spanOf(branch, originAt),
        lines: linesIn({ source: program.source, branch, originAt }),
      },
    ];
  });
  return { branches: [...outcomes, ...branches], unmeasured: [] };
};

/** An `if` is one choice, with the arms at its own place. */
const CHOICE_OF: Readonly<Record<VrlBranch['kind'], string>> = {
  if: 'if',
  skip: 'if',
  else: 'else',
  closure: 'closure',
  fallback: '??',
  and: '&&',
  or: '||',
  abort: 'abort',
};

const conditionBranches = ({
  program: { source },
  seen: { events, fulfilled },
  originAt,
}: Pick<Parameters<typeof programBranches>[0], 'program' | 'seen' | 'originAt'>): Branch[] => {
  const at = firstOrigin({ source }, originAt);
  if (at === undefined) return [];
  const choice = `${at.file}:${at.line}:${at.column}:condition`;
  return [true, false].map((outcome) => ({
    key: `${choice} ${outcome}`,
    at,
    choice,
    never: conditionWords(source, outcome),
    taken: outcome ? fulfilled : events - fulfilled,
    isGuard: false,
    within: undefined,
    span: undefined,
    lines: [],
  }));
};

/** Of the first thing in a program that is no blank. */
const firstOrigin = ({ source }: Pick<VrlProgram, 'source'>, originAt: OriginAt): Origin | undefined =>
  originAt(source.search(/\S|$/));

/** Several that come out of one value are told apart by their words. */
const keyOf = ({ kind, at, about }: VrlBranch, originAt: OriginAt): string | undefined => {
  const origin = originAt(at);
  return origin && `${origin.file}:${origin.line}:${origin.column}:${kind}${origin.isValue ? ` ${about}` : ''}`;
};

/** The nearest branch around it that a template wrote. */
const withinOf = ({
  branch,
  branches,
  keys,
}: {
  branch: VrlBranch;
  branches: readonly VrlBranch[];
  keys: readonly (string | undefined)[];
}): string | undefined => {
  for (let within = branch.within; within !== undefined; within = branches[within]?.within)
    if (keys[within] !== undefined) return keys[within];
  return undefined;
};

const spanOf = ({ kind, at, from, to }: VrlBranch, originAt: OriginAt): Branch['span'] => {
  if (kind === 'skip') return undefined;
  const [start, end] = [originAt(kind === 'else' || kind === 'closure' ? at : from), originAt(to)];
  return start !== undefined && end !== undefined && start.file === end.file ? { from: start, to: end } : undefined;
};

/** The lines between its braces. */
const linesIn = ({
  source,
  branch: { from, to },
  originAt,
}: {
  source: string;
  branch: VrlBranch;
  originAt: OriginAt;
}): string[] => {
  const lines = new Set<string>();
  for (let at = source.indexOf('\n', from); at !== -1 && at < to; at = source.indexOf('\n', at + 1)) {
    const next = source.indexOf('\n', at + 1);
    const line = source.slice(at + 1, next === -1 ? source.length : next);
    const first = at + 1 + Math.max(0, line.search(/\S/));
    const origin = next !== -1 && next <= to && line.trim() !== '' ? originAt(first) : undefined;
    if (origin !== undefined) lines.add(`${origin.file}:${origin.line}`);
  }
  return [...lines];
};
