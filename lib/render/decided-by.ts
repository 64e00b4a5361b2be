import { type Decider, IS_SO } from '../pipelines/decider.ts';
import type { Body, Parts } from './compose.ts';
import type { Template } from './templates.ts';

/** What a column of the labels holds where that is no text. */
export type ColumnType = { column: string; kind: string };

/** All that decides a task's pipeline, for people: the same as its id is made of. Pure. */
export const decidedBy = ({
  profile,
  body: { source, transform },
  labels,
  reads,
  types,
  hasShippedLabels,
  group,
  whyAlone,
}: {
  profile: string;
  body: Body;
  labels: Template;
  /** Of the source, the transform where there is one, and the labels. */
  reads: Parts['reads'];
  types: readonly ColumnType[];
  hasShippedLabels: boolean;
  group: string | undefined;
  whyAlone: string | undefined;
}): Decider[] => {
  const templates = [source, ...(transform === undefined ? [] : [transform]), labels];
  const own = (what: string, value: unknown = IS_SO): Decider => ({ what, value, template: undefined });
  return [
    own('profile', profile),
    ...(transform === undefined ? [own('no transform')] : []),
    ...templates.flatMap(({ path }, index): Decider[] => {
      const { values = [], decisions = [] } = reads[index] ?? {};
      return [...values, ...(decisions as Parts['reads'][number]['values'])].map(([what, value]) => ({
        what,
        value,
        template: path,
      }));
    }),
    ...types.map(({ column, kind }) => ({ what: `the type of ${column}`, value: kind, template: labels.path })),
    ...(hasShippedLabels ? [own('the labels that come with nvl')] : []),
    ...(group === undefined ? [] : [own('sink', group)]),
    ...(whyAlone === undefined ? [] : [own(`alone: ${whyAlone}`)]),
  ];
};
