import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedTemplatesDir } from '../config/read-templates.ts';

/** Which profile the demo's tasks ask for, by the way they log; the others have none. */
export const DEMO_PROFILES = { access: 'access-log', logfmt: 'logfmt' } as const;

/** The template that is edited while the demo runs. */
export const EDITED = `profiles/${DEMO_PROFILES.access}/transform.toml.hbs`;

const SOURCE = 'vector/source.toml.hbs';

/** The field in which an event says at which byte of its file its line began. */
export const OFFSET = 'offset';

/**
 * Writes a templates folder as a team would own one: a sink, the shipped profile for logfmt, and one of its own for
 * access logs. Sources also note where in its file a line begins, by which the demo knows each line again, whatever a
 * profile makes of it. What is not in the folder comes from the templates that ship with nvl.
 */
export const writeDemoTemplates = async ({
  dir,
  deliveredFile,
}: {
  dir: string;
  deliveredFile: string;
}): Promise<void> => {
  await mkdir(join(dir, 'vector'), { recursive: true });
  const source = await readFile(join(shippedTemplatesDir(), SOURCE), 'utf8');
  await writeFile(join(dir, SOURCE), `${source.trimEnd()}\noffset_key = "${OFFSET}"\n`);
  await cp(join(shippedTemplatesDir(), 'samples', DEMO_PROFILES.logfmt), join(dir, 'profiles', DEMO_PROFILES.logfmt), {
    recursive: true,
  });
  await writeFile(join(dir, 'vector', 'sink.toml.hbs'), sinkTemplate(deliveredFile));
  await mkdir(join(dir, 'profiles', DEMO_PROFILES.access), { recursive: true });
  await editTemplate({ dir, isEdited: false });
};

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
