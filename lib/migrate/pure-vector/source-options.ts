import { isTable } from '../../table.ts';
import type { MigrationNote } from '../note.ts';
import type { WrittenComponent } from '../vector/component.ts';

/** What a file source says beyond what nvl's own source does by itself. Pure. */
export const fileSourceNotes = ({ file, lineOf, options, id }: WrittenComponent): MigrationNote[] =>
  Object.entries(options).flatMap(([key, value]): MigrationNote[] => {
    if (key in AS_NVL || AS_NVL_VALUES[key]?.(value) === true) return [];
    return [
      {
        kind: 'todo',
        file,
        line: lineOf([key]),
        text:
          key === 'multiline'
            ? `${id} joins lines: nvl does so in the source template of a profile, by the partials nvl/source and nvl/lines (docs/templates.md)`
            : `${id} sets ${key}: write it in templates/vector/source.toml.hbs if it is still wanted (docs/templates.md says what a source may say)`,
      },
    ];
  });

/** nvl sees to these, whatever they say. */
const AS_NVL: Readonly<Record<string, true>> = {
  type: true,
  include: true,
  exclude: true,
  fingerprint: true,
  glob_minimum_cooldown_ms: true,
  ignore_older_secs: true,
  ignore_older: true,
};

/** nvl's own source says the same. */
const AS_NVL_VALUES: Readonly<Record<string, (value: unknown) => boolean>> = {
  read_from: (value) => value === 'beginning',
  line_delimiter: (value) => value === '\n',
  max_line_bytes: (value) => typeof value === 'number' && value <= 1_048_576,
  acknowledgements: (value) => value === true || (isTable(value) && value.enabled === true),
};
