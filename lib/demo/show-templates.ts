import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { shippedTemplatesDir } from '../config/read-templates.ts';

/** Which profile the demo's tasks ask for, by the way they log; the others have none. */
export const DEMO_PROFILES = { access: 'access-log', logfmt: 'logfmt' } as const;

/** The template that is edited while the demo runs. */
export const EDITED = `profiles/${DEMO_PROFILES.access}/transform.toml.hbs`;

/**
 * Writes a templates folder as a team would own one: a sink, the shipped profile for logfmt, and one of its own for
 * access logs, which `isEdited` gives a level too. What is not in it are the templates that come with nvl.
 */
export const writeDemoTemplates = async ({
  dir,
  deliveredFile,
  isEdited = false,
}: {
  dir: string;
  deliveredFile: string;
  isEdited?: boolean;
}): Promise<void> => {
  await mkdir(join(dir, 'vector'), { recursive: true });
  await cp(join(shippedTemplatesDir(), 'samples', DEMO_PROFILES.logfmt), join(dir, 'profiles', DEMO_PROFILES.logfmt), {
    recursive: true,
  });
  await writeFile(join(dir, 'vector', 'sink.toml.hbs'), sinkTemplate(deliveredFile));
  await mkdir(join(dir, 'profiles', DEMO_PROFILES.access), { recursive: true });
  await editTemplate({ dir, isEdited });
};

/** The edit by itself, in the place of the file that is there. */
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
