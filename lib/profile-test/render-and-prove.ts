import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { proveCandidate } from '../apply/prove.ts';
import type { NvlError } from '../errors.ts';
import { type Rendered, renderNode } from '../render/render.ts';
import type { TemplateFiles, Templates } from '../render/templates.ts';
import type { VectorCommand } from '../vector/command.ts';
import { validate } from '../vector/validate.ts';
import type { RunFolders } from './lay-out.ts';
import { refusedProfile } from './refused-block.ts';
import { type SyntheticTask, syntheticNode } from './synthetic-task.ts';
import { configFile } from './test-config.ts';

/** The tasks that Vector takes, and of each other one why not. */
export type Proven = { rendered: Rendered; errors: ReadonlyMap<string, readonly NvlError[]> };

/** Renders all tasks; whoever Vector refuses is left out, and the rest is proven again. */
export const renderAndProve = async ({
  tasks,
  templates,
  files,
  command,
  folders,
  shownPath,
  signal,
}: {
  tasks: readonly SyntheticTask[];
  templates: Templates;
  files: TemplateFiles['files'];
  command: Pick<VectorCommand, 'binary' | 'env' | 'cwd'>;
  folders: RunFolders;
  shownPath: (path: string) => string;
  signal: AbortSignal;
}): Promise<Proven> => {
  const errors = new Map<string, readonly NvlError[]>();
  const barred = new Map<string, ReadonlyMap<string, NvlError>>();
  const profiles = new Map(tasks.map(({ context }) => [context.id, context.profile]));
  const liveFile = configFile(folders);
  const validateText = async (text: string) => {
    const stagedFile = path.join(folders.config, 'staged');
    await writeFile(stagedFile, `${text}\n${ANY_SINK}`);
    return validate({
      command: { ...command, args: ['--config-toml', liveFile] },
      liveFile,
      stagedFile,
      mirrorFolder: folders.mirror,
      timeoutMs: VALIDATE_MS,
      signal,
    });
  };
  const render = (isIn: (id: string) => boolean) =>
    renderNode({
      templates,
      tasks: tasks.map(({ context }) => context).filter(({ id }) => isIn(id)),
      node: syntheticNode('node'),
      hasSinks: false,
      linksDir: folders.links,
      live: new Map(),
      carried: new Set(),
      barred: new Map(),
    });
  for (;;) {
    const rendered = render((id) => !errors.has(id));
    for (const { key, errors: found } of rendered.refused) errors.set(key, found);
    const validation = await validateText(rendered.text);
    if (validation.ok) return { rendered, errors };
    const proof = await proveCandidate({
      blocks: rendered.blocks,
      validateStaged: async () => validation,
      validateOnly: (blocks) => validateText(render((id) => blocks.some(({ key }) => key === id)).text),
    });
    if (proof.ok) return { rendered, errors };
    if (proof.blamed.length === 0) throw proof.error;
    for (const { block, error } of proof.blamed) {
      const own = templatesOf({ templates, profile: profiles.get(block.key) ?? '', files });
      errors.set(
        block.key,
        refusedProfile({ block, refusals: validation.refusals, said: error.facts.said, templates: own, shownPath }),
      );
      barred.set(block.key, new Map([[block.text, error]]));
    }
  }
};

/** Vector refuses a configuration without a sink. */
const ANY_SINK = '[sinks.nvl_test]\ntype = "blackhole"\ninputs = ["nomad_logs"]\n';

const VALIDATE_MS = 30_000;

const templatesOf = ({
  templates,
  profile,
  files,
}: {
  templates: Templates;
  profile: string;
  files: TemplateFiles['files'];
}) => {
  const found = templates.profiles.get(profile);
  return {
    source: found?.source.path ?? '',
    transform: found?.transform?.path,
    labels: templates.labels.path,
    files,
  };
};
