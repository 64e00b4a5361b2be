import { migrate } from '../../lib/migrate/choose.ts';
import type { Migration, MigrationSource } from '../../lib/migrate/migrate.ts';

const files = (given: Readonly<Record<string, string>>) =>
  Object.entries(given).map(([name, text]) => ({ name, text }));

/** From a configuration of 0.4.1, with templates and Vector files by their names. */
export const fromLogger = ({
  config = '[app]\n',
  templates = {},
  vector = {},
}: {
  config?: string;
  templates?: Readonly<Record<string, string>>;
  vector?: Readonly<Record<string, string>>;
}): Migration =>
  run({ config: { name: 'config.toml', text: config }, templates: files(templates), vectorFiles: files(vector) });

export const fromYaml = (text: string): Migration =>
  run({ config: { name: 'vector.yaml', text }, templates: undefined, vectorFiles: [] });

const run = (source: MigrationSource): Migration => migrate(source);

export const fileOf = ({ files: made }: Migration, name: string): string => made.get(name) ?? '(not there)';

/** `file:line` with the text of each, of what is left to do by hand in what was given. */
export const todosOf = ({ notes }: Migration): string[] =>
  notes
    .filter(({ kind, file }) => kind === 'todo' && file !== 'nvl.yaml')
    .map(({ file, line, text }) => `${file}:${line ?? ''} ${text}`);

/** One transform of each task, whose program is `program`. */
export const ofEachTask = (program: string): string => `{{ range . }}
[transforms.own_{{ .Key }}]
type = "remap"
inputs = ["transform_{{ .Key }}"]
source = '''
${program}
'''
{{ end }}
`;
