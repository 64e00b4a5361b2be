import { componentsOf } from '../render/components.ts';
import { type Block, namesOfPipeline } from '../render/file.ts';
import { FILE_SECRET } from '../render/labels/lookup.ts';
import { namesMarksIn } from '../render/own-marks.ts';
import type { Templates } from '../render/templates.ts';
import { profileShown } from '../render/used-templates.ts';
import type { Table } from '../table.ts';
import type { BlockRisk } from './node-risks.ts';

/** What takes the names of fields from the line. */
const TAKES_NAMES = /\bparse_(?:json|logfmt|key_value|query_string|xml|yaml|cef|cbor|influxdb|proto)\b/;

type Rule = { is: (table: Table, program: string) => boolean; why: string; shownBy: RegExp };

/** What nvl itself writes reads one of its own. */
const FOREIGN_SECRET = new RegExp(String.raw`\bget_secret!?\((?!\\?"${FILE_SECRET}\\?"\))`);

/** A transform cannot read another task's lines; what it may still reach is said. */
const RULES: readonly Rule[] = [
  {
    is: ({ type }) => type === 'lua',
    why: 'type = "lua": its code reads files and runs commands as Vector’s user',
    shownBy: /\blua\b/,
  },
  {
    is: ({ type, file, files }) => type === 'remap' && (file !== undefined || files !== undefined),
    why: 'its program lies in a file of its own, which no review shows and whose edits nvl does not see',
    shownBy: /^\s*files?\s*=/,
  },
  {
    is: (_, program) => /\bget_env_var!?\(/.test(program),
    why: 'get_env_var puts what Vector’s environment holds, secrets too, into lines',
    shownBy: /\bget_env_var\b/,
  },
  {
    is: (_, program) => FOREIGN_SECRET.test(program),
    why: 'get_secret puts a secret of Vector’s into lines',
    shownBy: /\bget_secret\b/,
  },
  {
    is: ({ source }) =>
      typeof source === 'string' &&
      namesMarksIn(source) &&
      TAKES_NAMES.test(source) &&
      /^\s*\.\s*\|?=[^=]/m.test(source) &&
      !/del\(\.nvl\b|["']nvl["']|\bnvl\|/.test(source),
    why: 'it marks lines under .nvl and takes whole lines into the event: a line that holds an nvl of its own forges the mark; put del(.nvl) between',
    shownBy: /\.nvl\b/,
  },
];

/** Transforms of profiles that reach for more than the line. Pure. */
export const transformRisks = ({
  blocks,
  templates,
}: {
  blocks: readonly Block[];
  templates: Templates;
}): BlockRisk[] => {
  const looked = new Set<string>();
  return blocks.flatMap((block): BlockRisk[] => {
    const profile = namesOfPipeline(block.heading)?.profile ?? '';
    const template = profileShown({ templates, shown: profile })?.transform;
    // One task shows what its template says; others of the profile differ in values alone.
    if (block.kind !== 'pipeline' || template === undefined || looked.has(profile)) return [];
    looked.add(profile);
    return [...componentsOf(block.text).values()].flatMap(({ component, table }) => {
      if (component.kind !== 'transform') return [];
      const program = JSON.stringify(table);
      return RULES.filter(({ is }) => is(table as Table, program)).map(({ why, shownBy }) => ({
        kind: 'transform',
        message: why,
        template,
        shownBy,
      }));
    });
  });
};
