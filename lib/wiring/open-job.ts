import { resolve } from 'node:path';
import { rootPaths } from '../apply/paths.ts';
import type { Config } from '../config/config.ts';
import { readTemplates, type TemplateFiles } from '../config/read-templates.ts';
import { readProgramsFrom } from '../engine/read-program.ts';
import { createNomadClient, type NomadClient } from '../nomad/client.ts';
import { compileTemplates, type Templates } from '../render/templates.ts';
import type { PipelineParts } from '../tail/tail-pipeline.ts';
import { vectorCwd } from '../vector/config/command.ts';
import { createVrlPool } from '../vrl/vrl-pool.ts';
import type { Io } from './io.ts';
import { configFor, type Flags } from './prepare.ts';

/** What a command is handed that looks at a job from anywhere, over Nomad's HTTP API alone. */
export type OpenedJob = {
  config: Config;
  client: NomadClient;
  templates: Templates;
  files: TemplateFiles;
  parts: PipelineParts;
};

/** Opens Nomad's API and the templates for as long as `use` takes. */
export const withJobs = async <T>(
  { io, flags }: { io: Io; flags: Flags },
  use: (opened: OpenedJob) => Promise<T>,
): Promise<T> => {
  const config = await configFor({ io, flags });
  const files = await readTemplates(config.templates);
  const templates = compileTemplates(files);
  const client = createNomadClient(config.nomad);
  const vrl = createVrlPool();
  const parts: PipelineParts = {
    templates,
    files: files.files,
    shownPath: (path) => (config.templates === undefined ? path : resolve(config.templates, path)),
    linksDir: rootPaths(config.root).links,
    vrl,
    readProgram: readProgramsFrom(vectorCwd({ config, cwd: io.cwd })),
    now: Date.now,
  };
  try {
    return await use({ config, client, templates, files, parts });
  } finally {
    await Promise.all([client.close(), vrl.close()]);
  }
};

/** Which logs of a task are meant: both, but where one is asked for. */
export const streamsOf = (flags: Flags): readonly ('stdout' | 'stderr')[] => {
  const [stdout, stderr] = [flags.stdout === true, flags.stderr === true];
  return stdout === stderr ? ['stdout', 'stderr'] : [stdout ? 'stdout' : 'stderr'];
};

/** The namespace that is asked: the flag's, else the variable's, as for `nomad`. Undefined for none. */
export const askedNamespace = ({ io, flags }: { io: Io; flags: Flags }): string | undefined => {
  const given = flags.namespace ?? io.env.NOMAD_NAMESPACE;
  return typeof given === 'string' && given !== '' ? given : undefined;
};
