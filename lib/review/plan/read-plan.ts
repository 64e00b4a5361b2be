import { NvlError } from '../../errors.ts';
import { type JsonObject, listOf, numberOf, objectOf, textOf } from '../../json.ts';

/** What a job is about to become: the whole of it, or what a plan says that changes. */
export type PlannedJob = { kind: 'job'; job: JsonObject } | { kind: 'plan'; plan: JobPlan };

/** What Nomad plans to do with a job's allocations, by group; undefined where a job alone was given. */
export type GroupUpdates = { place: number; replace: number; inPlace: number; stop: number; ignore: number };

export type JobPlan = {
  id: string;
  /** Nomad does not know the job yet, so that all of it is in the plan. */
  isNew: boolean;
  /** New values of what changes, by Nomad's names, as `Meta[team]`; undefined where it goes. */
  fields: Fields;
  groups: readonly PlannedGroup[];
  updates: ReadonlyMap<string, GroupUpdates>;
};

export type Fields = ReadonlyMap<string, string | undefined>;
export type PlannedGroup = { name: string; isGone: boolean; fields: Fields; tasks: readonly PlannedTask[] };
export type PlannedTask = { name: string; isGone: boolean; fields: Fields };

/**
 * Reads what `nomad job plan -json-output` prints, or a job as `nomad job run -output` and `nomad job inspect` print it. Throws `usage` for
 * anything else. Pure.
 *
 * @source hashicorp/nomad api/jobs.go (JobPlanResponse), nomad/structs/diff.go (2.0.6)
 */
export const readPlan = (text: string): PlannedJob => {
  const value = objectOf(parse(text));
  const job = value.Job === undefined ? value : objectOf(value.Job);
  if (Array.isArray(job.TaskGroups) && textOf(job.ID) !== '' && value.Diff === undefined) return { kind: 'job', job };
  if (textOf(objectOf(value.Diff).ID) !== '') return { kind: 'plan', plan: planOf(value) };
  const regions = Object.entries(value).filter(([, one]) => objectOf(one).Diff !== undefined);
  throw new NvlError('usage', {
    message:
      regions.length > 0 ? 'a plan of several regions is several plans' : 'this is neither a plan of a job nor a job',
    facts: { regions: regions.map(([region]) => region).join(', ') || undefined },
    advice: regions.length > 0 ? `take one: jq .${regions[0]?.[0]}` : HOW,
  });
};

const HOW =
  'give what `nomad job plan -json-output JOBSPEC` or `nomad job run -output JOBSPEC` prints: nvl reads no HCL, nomad makes JSON of it';

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NvlError('usage', { message: 'the plan is no JSON', advice: HOW, cause });
  }
};

const planOf = ({ Diff, Annotations }: JsonObject): JobPlan => {
  const diff = objectOf(Diff);
  return {
    id: textOf(diff.ID),
    isNew: diff.Type === 'Added',
    fields: fieldsOf(diff),
    groups: listOf(diff.TaskGroups).map((one) => {
      const group = objectOf(one);
      const tasks = listOf(group.Tasks).map(objectOf).map(namedOf);
      return { ...namedOf(group), tasks };
    }),
    updates: new Map(
      Object.entries(objectOf(objectOf(Annotations).DesiredTGUpdates)).map(([group, counts]) => [
        group,
        updatesOf(objectOf(counts)),
      ]),
    ),
  };
};

const namedOf = (diff: JsonObject): PlannedTask => ({
  name: textOf(diff.Name),
  isGone: diff.Type === 'Deleted',
  fields: fieldsOf(diff),
});

const fieldsOf = ({ Fields }: JsonObject): Fields =>
  new Map(
    listOf(Fields)
      .map(objectOf)
      .filter(({ Type }) => Type !== 'None')
      .map(({ Type, Name, New }) => [textOf(Name), Type === 'Deleted' ? undefined : textOf(New)]),
  );

const updatesOf = (counts: JsonObject): GroupUpdates => ({
  place: numberOf(counts.Place) + numberOf(counts.Canary) + numberOf(counts.Migrate),
  replace: numberOf(counts.DestructiveUpdate),
  inPlace: numberOf(counts.InPlaceUpdate),
  stop: numberOf(counts.Stop),
  ignore: numberOf(counts.Ignore),
});
