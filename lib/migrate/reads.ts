import { isTable } from '../table.ts';
import type { FoundComponent } from './found.ts';
import type { MigrationNote } from './note.ts';

/** A text among a component's options, with the line of the file that it begins on. */
type OptionText = { text: string; line: number };

const textsIn = ({ component }: FoundComponent): OptionText[] => {
  const found: OptionText[] = [];
  const walk = (value: unknown, path: readonly string[]): void => {
    if (typeof value === 'string') {
      const line = component.lineOf(path);
      // A text of several lines begins on the line behind its key.
      found.push({ text: value, line: value.includes('\n') ? line + 1 : line });
    } else if (Array.isArray(value)) for (const item of value) walk(item, path);
    else if (isTable(value)) for (const [key, item] of Object.entries(value)) walk(item, [...path, key]);
  };
  walk(component.options, []);
  return found;
};

/** Whether anything reads the host that Vector's file source writes. */
export const readsHost = (found: readonly FoundComponent[]): boolean =>
  found.some((one) => textsIn(one).some(({ text }) => HOST.test(text)));

const HOST = /(?<![\w.%@"\]])\.host\b|\{\{\s*\.?host\s*\}\}/;

/** What components read that is otherwise from now on, each with its line. Pure. */
export const readNotes = (found: readonly FoundComponent[]): MigrationNote[] =>
  found.flatMap((one) =>
    textsIn(one).flatMap(({ text, line }) =>
      SIGNS.filter(({ ofTask }) => ofTask === undefined || ofTask === one.ofTask).flatMap(({ pattern, say }) =>
        [...text.matchAll(pattern)].slice(0, MOST_EACH).map(
          (match): MigrationNote => ({
            kind: 'todo',
            file: one.component.file,
            line: line + text.slice(0, match.index).split('\n').length - 1,
            text: say(match[0].trim()),
          }),
        ),
      ),
    ),
  );

const MOST_EACH = 20;

const SIGNS: readonly { pattern: RegExp; ofTask?: boolean; say: (found: string) => string }[] = [
  {
    pattern: /(?<![\w.%@"\]])\.(?:file|source_type)\b(?!\s*=[^=])|\{\{\s*\.?(?:file|source_type)\s*\}\}/g,
    say: (found) =>
      `${found} is not there any more: nvl takes it out, since its path is that of a link of nvl's own; task, allocation and stream are below .nomad`,
  },
  {
    pattern: /(?<![\w%@"\]])\.nomad\b[\w.]*/g,
    ofTask: true,
    say: (found) =>
      `${found} in a profile's transform: labels come behind it, and .nomad is written whole then. Put the value in by the template ({{job.id}} and the like), or write the label in templates/vector/labels.toml.hbs`,
  },
  {
    pattern: /\$\{[^}\n]*\}|(?<![\w$])\$[A-Z_][A-Z0-9_]{2,}\b/g,
    say: (found) =>
      `${found}: Vector 0.57 puts variables in only with --dangerously-allow-env-var-interpolation; docs/secrets.md has better ways`,
  },
];
