import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { shippedTemplatesDir } from '../config/read-templates.ts';
import { hasCode } from '../errors.ts';
import { EXIT, type Io } from './io.ts';
import { type Flags, textFlag } from './prepare.ts';

/** `nvl init`: a first config and templates to own. What is there already is left as it is. */
export const init = async ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  const dir = path.resolve(io.cwd, args[0] ?? '.');
  const sink = textFlag(flags, 'sink') ?? 'console';
  const shipped = shippedTemplatesDir();
  const sinkTemplate = sink === 'console' ? 'vector/sink.toml.hbs' : `init/${sink}.toml.hbs`;
  const files: [name: string, text: string][] = [
    ['nvl.yaml', CONFIG],
    ['templates/vector/source.toml.hbs', await readFile(path.join(shipped, 'vector/source.toml.hbs'), 'utf8')],
    ['templates/vector/labels.toml.hbs', await readFile(path.join(shipped, 'vector/labels.toml.hbs'), 'utf8')],
    ['templates/vector/sink.toml.hbs', await readFile(path.join(shipped, sinkTemplate), 'utf8')],
  ];
  for (const [name, text] of files) {
    const isNew = await writeNew({ file: path.join(dir, name), text });
    io.out(`${isNew ? 'wrote' : 'kept '} ${path.relative(io.cwd, path.join(dir, name)) || name}\n`);
  }
  io.err(`\nNext: nvl doctor, then nvl render --dry-run${dir === io.cwd ? '' : ` in ${path.relative(io.cwd, dir)}`}\n`);
  return EXIT.done;
};

const CONFIG = `# nvl's configuration. docs/configuration.md lists every key; all of them have defaults.

# The templates that your team owns.
templates: templates

# nvl's own folder: the generated configuration, the links that Vector reads, and what nvl remembers.
root: /var/lib/nvl

nomad:
  address: http://127.0.0.1:4646

collect:
  # A finished task stays collected at least this long, and until all it wrote was read and delivered.
  removalDelay: 30s
  # Finished tasks found at the first start: all, none, or since:24h.
  backfill: all

# Which profile a task has whose job does not say so in its meta (nvl_profile):
# rules:
#   - match: { namespace: payments, job: "web-*" }
#     profile: logfmt
`;

const writeNew = async ({ file, text }: { file: string; text: string }): Promise<boolean> => {
  await mkdir(path.dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
};
