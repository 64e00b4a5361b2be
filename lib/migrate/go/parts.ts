import type { Action } from './action.ts';
import { AT_TOP, type Scope } from './expression.ts';
import { type Skeleton, scopeOf, skeletonOf, type Words, wordsFor } from './skeleton.ts';
import { type GoBranch, type GoFault, type GoNode, parseGoTemplate } from './template.ts';

/** What of a template stands once a node, and what once a task, where its conditions hold. */
export type TemplatePart = { skeleton: Skeleton; ofTask: boolean; guards: readonly Guard[] };

/** A condition over the task around a part; `isNegated` for an `else` behind it. */
export type Guard = { condition: Action; scope: Scope; isNegated: boolean; line: number };

/**
 * Takes a template of 0.4.1 apart: what each `range` over the tasks writes of Vector's components is of a task. Pure.
 */
export const templateParts = (text: string): { parts: TemplatePart[]; faults: readonly GoFault[] } => {
  const parsed = parseGoTemplate(text);
  if (!('nodes' in parsed)) return { parts: [], faults: [parsed] };
  const taking: Taking = { words: wordsFor(text), parts: [], faults: [] };
  takeApart({ nodes: parsed.nodes, scope: AT_TOP, ofTask: false, guards: [], taking });
  return {
    parts: taking.parts,
    faults: [...taking.faults, ...taking.parts.flatMap(({ skeleton }) => skeleton.faults)],
  };
};

type Taking = { words: Words; parts: TemplatePart[]; faults: GoFault[] };

const takeApart = ({
  nodes,
  scope,
  ofTask,
  guards,
  taking,
}: {
  nodes: readonly GoNode[];
  scope: Scope;
  ofTask: boolean;
  guards: readonly Guard[];
  taking: Taking;
}): void => {
  let plain: GoNode[] = [];
  const flush = (): void => {
    if (plain.length > 0)
      taking.parts.push({ skeleton: skeletonOf({ nodes: plain, scope, words: taking.words }), ofTask, guards });
    plain = [];
  };
  for (const node of nodes) {
    if (node.kind === 'range' && holdsComponent(node.body)) {
      flush();
      const inner = scopeOf({ action: node.action, scope });
      if (inner === undefined)
        taking.faults.push({ line: node.line, text: 'it goes over something else than all tasks' });
      else takeApart({ nodes: node.body, scope: inner, ofTask: true, guards, taking });
    } else if (node.kind === 'if' && node.branches.some(({ body }) => holdsComponent(body))) {
      flush();
      takeBranches({ branches: node.branches, scope, ofTask, guards, taking });
    } else plain.push(node);
  }
  flush();
};

const takeBranches = ({
  branches,
  guards,
  ...rest
}: {
  branches: readonly GoBranch[];
  scope: Scope;
  ofTask: boolean;
  guards: readonly Guard[];
  taking: Taking;
}): void => {
  const { scope, ofTask, taking } = rest;
  // Around a `range`, `if .` asks whether there is a task at all; nvl's configuration is as well without any.
  if (!ofTask) {
    const [first] = branches;
    if (first !== undefined) takeApart({ nodes: first.body, guards, ...rest });
    for (const { body, line } of branches.slice(1))
      if (holdsComponent(body)) taking.faults.push({ line, text: 'what stands behind {{ else }} is left out' });
    return;
  }
  const before: Guard[] = [];
  for (const { condition, body, line } of branches) {
    const own = condition === undefined ? [] : [{ condition, scope, isNegated: false, line }];
    takeApart({ nodes: body, guards: [...guards, ...before, ...own], ...rest });
    if (condition !== undefined) before.push({ condition, scope, isNegated: true, line });
  }
};

/** Whether a component of Vector's begins within: only then it is more than a part of a statement. */
const holdsComponent = (nodes: readonly GoNode[]): boolean =>
  nodes.some((node) => {
    if (node.kind === 'text') return COMPONENT.test(node.text);
    if (node.kind === 'if') return node.branches.some(({ body }) => holdsComponent(body));
    return node.kind === 'range' && holdsComponent(node.body);
  });

const COMPONENT = /^[ \t]*\[\[?[ \t]*["']?(?:sources|transforms|sinks|enrichment_tables|tests)\b/m;
