import { parseToml } from '../../config/parse-toml.ts';
import { parseYaml } from '../../config/parse-yaml.ts';
import { isTable } from '../../table.ts';
import { type FoundComponent, withWords } from '../found.ts';
import type { MigrationNote } from '../note.ts';
import type { WrittenComponent } from '../vector/component.ts';
import { tomlComponents } from '../vector/toml-components.ts';
import { treeComponents } from '../vector/tree-components.ts';
import { type TemplatePart, templateParts } from './parts.ts';

/** The components of one file of 0.4.1's extra_templates_dir, and what of it nvl has nothing for. Pure. */
export const readGoTemplate = ({
  file,
  text,
}: {
  file: string;
  text: string;
}): { found: FoundComponent[]; notes: MigrationNote[] } => {
  const format = /\.(toml|ya?ml|json)$/.exec(file)?.[1];
  if (format === undefined)
    return {
      found: [],
      notes: [todo({ file, text: 'Vector does not load a file of this name; bring it along by hand' })],
    };
  const { parts, faults } = templateParts(text);
  const notes = faults.map((fault) => todo({ file, line: fault.line, text: fault.text }));
  const found = parts.flatMap((part) => {
    const read = format === 'toml' ? readAsToml({ file, part }) : readAsTree({ file, part, isJson: format === 'json' });
    notes.push(...read.notes);
    return read.components.map((component) => foundIn({ component, part }));
  });
  return { found, notes };
};

const todo = (note: Omit<MigrationNote, 'kind'>): MigrationNote => ({ kind: 'todo', ...note });

type Components = { components: WrittenComponent[]; notes: MigrationNote[] };

const readAsToml = ({ file, part: { skeleton } }: { file: string; part: TemplatePart }): Components => {
  const lineAt = (line: number): number => skeleton.lines[line - 1] ?? line;
  const { tree, faults } = parseToml(skeleton.text);
  if (faults.length > 0) return { components: [], notes: unreadable({ file, faults, lineAt }) };
  return {
    components: isTable(tree) ? tomlComponents({ file, text: skeleton.text, tree, lineAt }) : [],
    notes: [],
  };
};

const readAsTree = ({
  file,
  part: { skeleton },
  isJson,
}: {
  file: string;
  part: TemplatePart;
  isJson: boolean;
}): Components => {
  const lineAt = (line: number): number => skeleton.lines[line - 1] ?? line;
  const { tree, faults, lineOf } = parseYaml(skeleton.text, { isJson });
  if (faults.length > 0) return { components: [], notes: unreadable({ file, faults, lineAt }) };
  return {
    components: isTable(tree) ? treeComponents({ file, tree, lineOf: (path) => lineAt(lineOf(path) ?? 1) }) : [],
    notes: [],
  };
};

const unreadable = ({
  file,
  faults,
  lineAt,
}: {
  file: string;
  faults: readonly { line?: number | undefined; text: string }[];
  lineAt: (line: number) => number;
}): MigrationNote[] =>
  faults.map(({ line, text }) =>
    todo({
      file,
      line: line === undefined ? undefined : lineAt(line),
      text: `${text}, as far as it can be read without what its template puts in; nothing of this part was brought along`,
    }),
  );

const foundIn = ({ component, part }: { component: WrittenComponent; part: TemplatePart }): FoundComponent => {
  const { words } = part.skeleton;
  const shape = (text: string): string => withWords({ text, words, put: (word) => word.shape });
  return {
    component,
    shape: shape(component.id),
    inputs: component.inputs.map(shape),
    ofTask: part.ofTask,
    guards: part.guards,
    words,
  };
};
