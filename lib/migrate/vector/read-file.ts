import { parseToml } from '../../config/parse-toml.ts';
import { parseYaml } from '../../config/parse-yaml.ts';
import { isTable } from '../../table.ts';
import type { MigrationNote } from '../note.ts';
import type { WrittenComponent } from './component.ts';
import { tomlComponents } from './toml-components.ts';
import { treeComponents } from './tree-components.ts';

/** The components of a configuration of Vector's, in TOML, YAML or JSON. Pure. */
export const readVectorFile = ({
  file,
  text,
}: {
  file: string;
  text: string;
}): { components: WrittenComponent[]; notes: MigrationNote[] } => {
  const isToml = /\.toml(?:\.\w+)?$/.test(file);
  const { tree, faults, lineOf } = isToml ? parseToml(text) : parseYaml(text, { isJson: file.endsWith('.json') });
  const notes = faults.map(
    ({ line, text: words }): MigrationNote => ({
      kind: 'todo',
      file,
      line,
      text: `${words}; nothing of this file was brought along`,
    }),
  );
  if (!isTable(tree)) return { components: [], notes };
  const components = isToml
    ? tomlComponents({ file, text, tree, lineAt: (line) => line })
    : treeComponents({ file, tree, lineOf: (path) => lineOf(path) ?? 1 });
  return { components, notes };
};
