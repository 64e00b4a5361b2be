import type { Config } from '../config/config.ts';
import { mergedMeta } from '../context/context.ts';
import { ENABLED_KEY } from '../context/enabled.ts';
import { chooseProfile, PROFILE_KEY } from '../context/profile.ts';
import { NvlError } from '../errors.ts';
import type { RunCase } from '../profile-test/session.ts';
import type { Templates } from '../render/templates.ts';
import type { CapturedLog } from './captured-log.ts';
import type { Redactor } from './redactor.ts';

/** A log as a case of its profile's tests, without what must not be written. Throws `profileUnknown`. */
export const caseOfLog = async ({
  log: { allocation, task, stream },
  lines,
  rules,
  templates,
  redactor,
}: {
  log: CapturedLog;
  /** Redacted. */
  lines: readonly string[];
  rules: Config['rules'];
  templates: Templates;
  redactor: Redactor;
}): Promise<RunCase> => {
  const { profile, params } = chooseProfile({ allocation, task, rules });
  if (!templates.profiles.has(profile)) throw unknownProfile({ profile, templates });
  const { job } = allocation;
  const meta = metaFor({ meta: mergedMeta({ allocation, task }), profile, templates });
  return {
    profile,
    name: `${job.parentId || job.id}, ${task.name}, ${stream}`,
    // Its place is not known yet.
    file: '',
    line: 0,
    position: 0,
    task: {
      job: job.id,
      group: allocation.groupName,
      task: task.name,
      namespace: allocation.namespace,
      type: job.type || undefined,
      driver: task.driver || undefined,
      node: allocation.nodeName || undefined,
      meta: Object.keys(meta).length === 0 ? undefined : await redactedValues({ values: meta, redactor }),
    },
    params: await redactedValues({ values: params, redactor }),
    stream,
    bytes: Buffer.from(lines.map((line) => `${line}\n`).join('')),
  };
};

/** Parameters, and other keys where the profile may read them. */
const metaFor = ({
  meta,
  profile,
  templates: { profiles },
}: {
  meta: Readonly<Record<string, string>>;
  profile: string;
  templates: Templates;
}): Readonly<Record<string, string>> => {
  const { source, transform } = profiles.get(profile) ?? {};
  const readsAll = [source, transform].some((template) => template?.from.some(({ text }) => /\bmeta\b/.test(text)));
  return Object.fromEntries(
    Object.entries(meta).filter(
      ([key]) => readsAll || (key.startsWith('nvl_') && key !== PROFILE_KEY && key !== ENABLED_KEY),
    ),
  );
};

const redactedValues = async ({
  values,
  redactor,
}: {
  values: Readonly<Record<string, string>>;
  redactor: Redactor;
}): Promise<Record<string, string>> => {
  const pairs: [string, string][] = [];
  for (const [name, value] of Object.entries(values)) {
    const { counts } = await redactor.redact([`${name}=${value}`]);
    pairs.push([name, counts.size === 0 ? value : '[redacted]']);
  }
  return Object.fromEntries(pairs);
};

const unknownProfile = ({ profile, templates }: { profile: string; templates: Templates }): NvlError =>
  new NvlError('profileUnknown', {
    message: `no profile is named ${profile}`,
    facts: { known: [...templates.profiles.keys()].sort().join(', ') },
    advice: 'name the folder of your templates with --templates',
  });
