import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedTemplatesDir } from '../config/read-templates.ts';

/** Which profile the demo's tasks ask for, by the way they log; the others have none. */
export const DEMO_PROFILES = {
  access: 'access-log',
  logfmt: 'logfmt',
  json: 'json',
  java: 'java',
  postgres: 'postgres',
} as const;

/** The template that is edited while the demo runs. */
export const EDITED = `profiles/${DEMO_PROFILES.access}/transform.toml.hbs`;

/** The field in which an event says at which byte of its file its line began; where lines were joined, a list of those of all. */
export const OFFSET = 'offset';

/**
 * Writes a templates folder as a team would own one: a sink, some of the samples that ship with nvl as its profiles, and
 * a profile of its own for access logs. What is not in the folder comes from the templates that ship with nvl.
 */
export const writeDemoTemplates = async ({
  dir,
  deliveredFile,
}: {
  dir: string;
  deliveredFile: string;
}): Promise<void> => {
  await mkdir(join(dir, 'vector'), { recursive: true });
  await mkdir(join(dir, 'partials', 'nvl'), { recursive: true });
  for (const [file, line] of NOTED) {
    const text = await readFile(join(shippedTemplatesDir(), file), 'utf8');
    await writeFile(join(dir, file), `${text.trimEnd()}\n${line}\n`);
  }
  const { access, ...samples } = DEMO_PROFILES;
  for (const name of Object.values(samples))
    await cp(join(shippedTemplatesDir(), 'samples', name), join(dir, 'profiles', name), { recursive: true });
  await writeFile(join(dir, 'vector', 'sink.toml.hbs'), sinkTemplate(deliveredFile));
  await mkdir(join(dir, 'profiles', access), { recursive: true });
  await editTemplate({ dir, isEdited: false });
};

/** One more line in these, by which the demo knows each line of a log again, whatever a profile makes of it. */
const NOTED = [
  ['vector/source.toml.hbs', `offset_key = "${OFFSET}"`],
  ['partials/nvl/source.hbs', `offset_key = "${OFFSET}"`],
  ['partials/nvl/lines.hbs', `merge_strategies.${OFFSET} = "array"`],
] as const;

/** Writes the profile's template, with or without the line that the edit adds. */
export const editTemplate = ({ dir, isEdited }: { dir: string; isEdited: boolean }): Promise<void> =>
  writeFile(join(dir, EDITED), accessTemplate(isEdited ? LEVEL : ''));

const sinkTemplate = (file: string): string => `[sinks.delivered]
type = "file"
inputs = ["{{input}}"]
path = ${JSON.stringify(file)}
encoding.codec = "json"
acknowledgements.enabled = true
`;

const accessTemplate = (more: string): string => `{{! The combined access log of nginx and others. }}
[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
drop_on_error = false
drop_on_abort = false
source = '''
parsed, error = parse_nginx_log(.message, "combined")
if error == null {
  . = merge(., parsed)
${more}} else {
  .parse_failed = "access-log"
}
'''
`;

const LEVEL = `  .level = if (int(parsed.status) ?? 0) >= 400 { "error" } else { "info" }
`;
