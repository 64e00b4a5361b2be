import { isTable, type Table } from '../../table.ts';
import { readInputs, SECTIONS, type WrittenComponent } from './component.ts';
import { writeToml } from './write-toml.ts';

/** The components of a configuration in YAML or JSON, which are written as TOML; comments of YAML are lost. Pure. */
export const treeComponents = ({
  file,
  tree,
  lineOf,
}: {
  file: string;
  tree: Table;
  /** The line of the file of a path. */
  lineOf: (path: readonly string[]) => number;
}): WrittenComponent[] =>
  Object.entries(tree).flatMap(([name, held]): WrittenComponent[] => {
    const section = SECTIONS.find((one) => one === name);
    if (section === undefined)
      return [
        {
          file,
          line: lineOf([name]),
          section: 'other',
          id: name,
          inputs: [],
          options: isTable(held) ? held : {},
          write: () =>
            writeToml(isTable(held) ? { path: [name], options: held } : { path: [], options: { [name]: held } }),
          lineOf: (path) => lineOf([name, ...path]),
        },
      ];
    return Object.entries(isTable(held) ? held : {}).map(([id, value]) => {
      const options = isTable(value) ? value : {};
      return {
        file,
        line: lineOf([name, id]),
        section,
        id,
        inputs: readInputs(options),
        options,
        write: (as) =>
          writeToml({
            path: [name, as.id ?? id],
            options: as.inputs === undefined ? options : { ...options, inputs: as.inputs },
          }),
        lineOf: (path) => lineOf([name, id, ...path]),
      };
    });
  });
