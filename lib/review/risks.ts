import type { Row } from '../pipelines/row.ts';
import { readAgainLines, restartText } from '../plan/format-text.ts';
import { onceEach } from '../plan/once-each.ts';
import { moveLines, regroupLines } from '../plan/regroup-lines.ts';
import type { PlanReport } from '../plan/report.ts';
import { componentsOf } from '../render/components.ts';
import type { Block } from '../render/file.ts';
import { insteadLine } from '../render/refused.ts';
import type { Templates } from '../render/templates.ts';
import { isTable } from '../table.ts';
import { isAcknowledged } from '../vector/config/acknowledged.ts';
import { type NodeRiskKind, nodeRisks, riskText } from './node-risks.ts';

/** What a reviewer should look at twice. `isNew`: the base does not have it. */
export type Risk = { kind: RiskKind; message: string; isNew: boolean };

export type RiskKind =
  | 'readAgain'
  | 'restart'
  | 'regrouped'
  | 'cardinality'
  | 'unacknowledged'
  | 'raw'
  | 'droppedField'
  | 'leftOut'
  | NodeRiskKind;

/** One side of a review: what the templates of a commit are, and what they render the recorded node to. */
export type Side = { templates: Templates; blocks: readonly Block[]; rows: readonly Row[] };

/** Risks that the rendered text and the settings show; those that only lines show are found by running them. Pure. */
export const staticRisks = ({ base, head, report }: { base: Side; head: Side; report: PlanReport }): Risk[] => {
  const before = new Set(sinkRisks(base).map(({ message }) => message));
  const rawBefore = rawProfiles(base.templates);
  const knownBefore = new Set(nodeRisks(base).map(({ message }) => message));
  return [
    ...readAgainLines(report).map((message): Risk => ({ kind: 'readAgain', message, isNew: true })),
    ...restartRisk(report),
    ...[...regroupLines(report), ...moveLines(report)].map(
      (message): Risk => ({ kind: 'regrouped', message, isNew: true }),
    ),
    ...sinkRisks(head).map((risk) => ({ ...risk, isNew: !before.has(risk.message) })),
    ...nodeRisks(head).map((risk) => ({
      kind: risk.kind,
      message: riskText(risk),
      isNew: !knownBefore.has(risk.message),
    })),
    ...[...rawProfiles(head.templates)].map(
      (name): Risk => ({ kind: 'raw', message: `the profile ${name} may put raw values`, isNew: !rawBefore.has(name) }),
    ),
    ...onceEach(report.refused).map(
      (block): Risk => ({
        kind: 'leftOut',
        message: `${insteadLine(block)}: ${block.errors[0]?.message ?? ''}`,
        isNew: true,
      }),
    ),
  ];
};

const restartRisk = ({ restarted, rebuilt }: PlanReport): Risk[] => [
  ...(restarted.length === 0
    ? []
    : [
        {
          kind: 'restart' as const,
          message: restartText(restarted),
          isNew: true,
        },
      ]),
  ...rebuilt.map((id): Risk => ({ kind: 'restart', message: `sink ${id} is rebuilt`, isNew: true })),
];

const rawProfiles = (templates: Templates): Set<string> =>
  new Set([...templates.profiles.values()].filter(({ settings }) => settings.raw).map(({ name }) => name));

const sinkRisks = ({ blocks }: Side): Risk[] =>
  blocks
    .filter((block) => block.kind === 'sink')
    .flatMap((block) => [...componentsOf(block.text).values()])
    .filter(({ component }) => component.kind === 'sink')
    .flatMap(({ component, table }) => {
      const sink = table as Record<string, unknown>;
      return [...lokiRisks(component.id, sink), ...ackRisks(component.id, sink)];
    });

const ackRisks = (id: string, { acknowledgements }: Record<string, unknown>): Risk[] =>
  isAcknowledged(acknowledgements) === true
    ? []
    : [
        {
          kind: 'unacknowledged',
          message: `sink ${id} has no acknowledgements: lines in Vector's memory die with it`,
          isNew: true,
        },
      ];

/** Fields with a value of their own for each allocation, line or request: as a label each makes a stream of its own. */
const UNBOUNDED =
  /(^|[._])(alloc_id|alloc|id|uuid|message|msg|timestamp|time|ts|file|path|url|uri|ip|addr|address|user|email|session|token|offset|duration|took|pid|port)$/i;

const lokiRisks = (id: string, { type, labels }: Record<string, unknown>): Risk[] => {
  if (type !== 'loki' || !isTable(labels)) return [];
  return Object.entries(labels).flatMap(([label, value]) => {
    const texts = [label, typeof value === 'string' ? value : ''];
    const fields = texts.flatMap((text) =>
      [...text.matchAll(/\{\{\s*([^}]+?)\s*\}\}/g)].map((match) => match[1] ?? ''),
    );
    return fields
      .filter((field) => UNBOUNDED.test(field) || field.includes('*'))
      .map(
        (field): Risk => ({
          kind: 'cardinality',
          message: `sink ${id}: the Loki label ${label} takes ${field}, which has very many values: each makes a stream of its own`,
          isNew: true,
        }),
      );
  });
};
