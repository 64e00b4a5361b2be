import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Config } from '../config/config.ts';
import { readTemplates } from '../config/read-templates.ts';
import { NvlError } from '../errors.ts';
import { textOf } from '../json.ts';
import { createNomadClient } from '../nomad/client.ts';
import { paintDiff } from '../plan/format-text.ts';
import { compileTemplates } from '../render/templates.ts';
import { addSidecar, type NomadJob } from '../sidecar/add-sidecar.ts';
import { type EmbeddedTemplate, embedTemplates } from '../sidecar/embed-templates.ts';
import { readJobspec } from '../sidecar/read-jobspec.ts';
import { changeLines, jobDiff, jobText } from '../sidecar/show-change.ts';
import { type SidecarOptions, sidecarTask } from '../sidecar/sidecar-task.ts';
import { colorsOf, EXIT, type Io } from '../wiring/io.ts';
import { askedNamespace } from '../wiring/open-job.ts';
import { configFor, type Flags, textFlag } from '../wiring/prepare.ts';
import { readInput } from '../wiring/read-input.ts';

/** `nvl sidecar JOBSPEC`: the job with nvl as a task of each group, as JSON for `nomad job run -json`, or as a diff. */
export const sidecarCommand = async ({
  io,
  flags,
  args: [jobspec = ''],
}: {
  io: Io;
  flags: Flags;
  args: string[];
}): Promise<number> => {
  const config = await configFor({ io, flags });
  const shown = jobspec === '-' ? 'stdin' : jobspec;
  const before = await readJobspec({
    text: await readInput({ io, file: jobspec, what: 'a jobspec' }),
    shown,
    parse: (hcl) => parseWithNomad({ hcl, config, io, flags }),
  });
  const task = sidecarTask(await optionsOf({ flags, config }));
  const { job, changes } = addSidecar({ job: before, task });
  const isDry = flags.dryRun === true;
  const colors = colorsOf({ io, wanted: flags.color as boolean | undefined });
  io.out(isDry ? paintDiff({ diff: jobDiff({ before, after: job, name: shown }), colors }) : jobText(job));
  const lines = [...changeLines({ changes, task: textOf(task.Name) }), policyLine(job)];
  for (const line of lines) (isDry ? io.out : io.err)(`${line}\n`);
  const hasChanges = changes.some(({ kind }) => kind !== 'unchanged');
  return isDry && hasChanges && flags.detailedExitcode === true ? EXIT.changes : EXIT.done;
};

const parseWithNomad = async ({
  hcl,
  config,
  io,
  flags,
}: {
  hcl: string;
  config: Config;
  io: Io;
  flags: Flags;
}): Promise<string> => {
  const client = createNomadClient(config.nomad);
  try {
    return await client.parseJob(hcl, { namespace: askedNamespace({ io, flags }), signal: io.signal });
  } finally {
    await client.close();
  }
};

const optionsOf = async ({ flags, config }: { flags: Flags; config: Config }): Promise<SidecarOptions> => {
  const driver = (textFlag(flags, 'driver') ?? 'raw_exec') as SidecarOptions['driver'];
  const [image, artifact] = [textFlag(flags, 'image'), textFlag(flags, 'artifact')];
  if ((driver === 'docker') !== (image !== undefined))
    throw new NvlError('usage', {
      message: driver === 'docker' ? 'a task of docker needs an image' : `a task of ${driver} has no image`,
      advice: 'name one that has nvl and Vector: --driver docker --image registry.example.org/nvl:1',
    });
  return {
    name: textFlag(flags, 'name') ?? 'nvl',
    driver,
    image,
    user: textFlag(flags, 'user'),
    nvl: textFlag(flags, 'nvl') ?? 'nvl',
    vector: config.vector.binary,
    vectorUser: config.vector.user,
    artifact,
    templates: artifact === undefined && config.templates !== undefined ? await templatesIn(config.templates) : [],
    cpu: wholeNumber({ flags, name: 'cpu' }),
    memory: wholeNumber({ flags, name: 'memory' }),
  };
};

/** Those of the team's folder that are templates; a broken one is better told here than on each node. */
const templatesIn = async (dir: string): Promise<EmbeddedTemplate[]> => {
  const files = await readTemplates(dir);
  const [fault] = compileTemplates(files).faults;
  if (fault !== undefined) throw fault;
  return embedTemplates(files.files.filter(({ path }) => existsSync(join(dir, path))));
};

const wholeNumber = ({ flags, name }: { flags: Flags; name: string }): number => {
  const text = textFlag(flags, name) ?? '';
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new NvlError('usage', { message: `--${name} takes a whole number, and ${JSON.stringify(text)} is none` });
};

const policyLine = ({ ID, Namespace }: NomadJob): string =>
  `with access control on, once: nomad acl policy apply -namespace ${textOf(Namespace) || 'default'} -job ${textOf(ID)} nvl-sidecar jobspecs/sidecar-acl-policy.hcl`;
