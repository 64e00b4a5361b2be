import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { shippedTemplatesDir } from '../config/read-templates.ts';
import { hasCode } from '../errors.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { type Flags, textFlag } from '../wiring/prepare.ts';

/**
 * `nvl init`: a repository that a team would keep: config, templates, a profile with a test, a recorded node, a CI workflow
 * and a README. What is there already is left as it is.
 */
export const init = async ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  const dir = resolve(io.cwd, args[0] ?? '.');
  for (const [name, text] of await filesOf(textFlag(flags, 'sink') ?? 'console')) {
    const isNew = await writeNew({ file: join(dir, name), text });
    io.out(`${isNew ? 'wrote' : 'kept '} ${relative(io.cwd, join(dir, name)) || name}\n`);
  }
  const where = dir === io.cwd ? '' : ` in ${relative(io.cwd, dir)}`;
  io.err(`\nNext${where}: nvl test, then nvl doctor on a node, then nvl render --dry-run\n`);
  return EXIT.done;
};

/** Each file with its text, the profiles and the repository's own files as they are shipped. */
const filesOf = async (sink: string): Promise<[name: string, text: string][]> => {
  const shipped = shippedTemplatesDir();
  const repository = join(shipped, 'init', 'repository');
  const read = (file: string) => readFile(join(shipped, file), 'utf8');
  const entries = await readdir(repository, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)))
    .sort();
  return [
    ['nvl.yaml', CONFIG],
    ['templates/vector/source.toml.hbs', await read('vector/source.toml.hbs')],
    ['templates/vector/labels.toml.hbs', await read('vector/labels.toml.hbs')],
    [
      'templates/vector/sink.toml.hbs',
      await read(sink === 'console' ? 'vector/sink.toml.hbs' : `init/${sink}.toml.hbs`),
    ],
    ...(await Promise.all(
      names.map(
        async (name): Promise<[string, string]> => [
          name.startsWith('profiles/') ? join('templates', name) : name,
          await readFile(join(repository, name), 'utf8'),
        ],
      ),
    )),
  ];
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
#     profile: app
`;

const writeNew = async ({ file, text }: { file: string; text: string }): Promise<boolean> => {
  await mkdir(dirname(file), { recursive: true });
  try {
    await writeFile(file, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
};
