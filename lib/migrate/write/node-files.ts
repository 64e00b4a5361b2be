import { LOGS_ID } from '../../ids.ts';
import { isTable } from '../../table.ts';
import type { MigrationNote } from '../note.ts';
import type { Placed, PlacedComponent } from '../place.ts';
import { writeToml } from '../vector/write-toml.ts';
import { plainText, templateText, trimmed } from './template-text.ts';

/** nvl's sink template, and the Vector files that stay the team's own. Pure. */
export const nodeFiles = ({
  sink,
  own,
}: Pick<Placed, 'sink' | 'own'>): { files: Map<string, string>; notes: MigrationNote[] } => {
  const files = new Map<string, string>();
  const notes: MigrationNote[] = [];
  if (sink.length > 0) {
    const blocks = sink.flatMap((placed) => {
      const filter = filterFor({ placed, input: '{{input}}', notes });
      const text = placed.found.component.write({ inputs: inputsFor({ placed, input: filter?.id ?? '{{input}}' }) });
      const written = withAcknowledgements({ placed, text: templateText({ text, words: placed.found.words }), notes });
      return [...(filter === undefined ? [] : [filter.text]), trimmed(written)];
    });
    files.set('templates/vector/sink.toml.hbs', `${SINK_HEAD}\n${blocks.join('\n\n')}\n`);
  }
  for (const [file, group] of Map.groupBy(own, ({ found }) => found.component.file)) {
    const blocks = group.flatMap((placed) => ownBlocks({ placed, notes }));
    // A key of no table has to stand before all tables.
    const ordered = [...blocks.filter(isBare), ...blocks.filter((block) => !isBare(block))];
    if (ordered.length > 0) files.set(ownName({ file, taken: [...files.keys()] }), `${ordered.join('\n\n')}\n`);
  }
  return { files, notes };
};

const SINK_HEAD = '{{! Where every labelled line goes. Rendered once per node. }}';

const isBare = (block: string): boolean => !/^[ \t]*\[/m.test(block);

const ownBlocks = ({ placed, notes }: { placed: PlacedComponent; notes: MigrationNote[] }): string[] => {
  const { component, words } = placed.found;
  const filter = filterFor({ placed, input: LOGS_ID, notes });
  const text = plainText({
    text: component.write(
      component.inputs.length === 0 ? {} : { inputs: inputsFor({ placed, input: filter?.id ?? LOGS_ID }) },
    ),
    words,
  });
  if (text !== undefined) {
    const written = placed.tasks === undefined ? text : withAcknowledgements({ placed, text, notes });
    return [...(filter === undefined ? [] : [filter.text]), trimmed(written)];
  }
  notes.push({
    kind: 'todo',
    file: component.file,
    line: component.line,
    text: `${component.id} has a value of a template in it and stays in a Vector file of your own, which is no template: write it out by hand`,
  });
  return [];
};

/** `vector/<name>.toml`; whatever format it had, it is TOML now. */
const ownName = ({ file, taken }: { file: string; taken: readonly string[] }): string => {
  const base = (file.split('/').at(-1) ?? 'vector')
    .replace(/\.(?:toml|ya?ml|json)(?:\.tpl|\.tmpl)?$/, '')
    .replaceAll(/[^\w.-]/g, '-');
  let name = `vector/${base}.toml`;
  for (let count = 2; taken.includes(name); count += 1) name = `vector/${base}-${count}.toml`;
  return name;
};

const inputsFor = ({ placed: { tasks, others }, input }: { placed: PlacedComponent; input: string }): string[] => [
  ...new Set([...(tasks === undefined ? [] : [input]), ...others]),
];

/** Where only the lines of some tasks came, only those come. */
const filterFor = ({
  placed: { tasks, found },
  input,
  notes,
}: {
  placed: PlacedComponent;
  input: string;
  notes: MigrationNote[];
}): { id: string; text: string } | undefined => {
  const { component } = found;
  if (tasks?.kind === 'unclear')
    notes.push({
      kind: 'todo',
      file: component.file,
      line: component.line,
      text: `${component.id} got the lines of some tasks alone and gets those of all now, since nvl cannot write the condition over labels (${tasks.why}): put a filter before it`,
    });
  if (tasks?.kind !== 'some') return undefined;
  const id = `${component.id}_only`;
  return {
    id,
    text: trimmed(
      `# Until now ${component.id} got the lines of these tasks alone.\n${writeToml({ path: ['transforms', id], options: { type: 'filter', inputs: [input], condition: tasks.condition } })}`,
    ),
  };
};

/** Without them a line in Vector's memory dies with it, and a checkpoint moves on over lines that no sink has. */
const withAcknowledgements = ({
  placed: { found },
  text,
  notes,
}: {
  placed: PlacedComponent;
  text: string;
  notes: MigrationNote[];
}): string => {
  const { component } = found;
  const { acknowledgements } = component.options;
  if (component.section !== 'sinks') return text;
  if (acknowledgements !== undefined) {
    const isOn = acknowledgements === true || (isTable(acknowledgements) && acknowledgements.enabled === true);
    if (!isOn)
      notes.push({
        kind: 'todo',
        file: component.file,
        line: component.lineOf(['acknowledgements']),
        text: `${component.id} has its acknowledgements off: lines that it has not sent yet are lost when Vector ends`,
      });
    return text;
  }
  const header = new RegExp(
    `^[ \\t]*\\[[ \\t]*sinks[ \\t]*\\.[ \\t]*["']?${component.id.replaceAll(/[^\w-]/g, '.')}["']?[ \\t]*\\].*$`,
    'm',
  );
  notes.push({
    kind: 'otherwise',
    file: component.file,
    line: component.line,
    text: `${component.id} gets acknowledgements.enabled = true: a position moves on only when the sink has the line`,
  });
  return text.replace(header, (line) => `${line}\nacknowledgements.enabled = true`);
};
