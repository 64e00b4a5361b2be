import type { Site } from '../../render/safe/run/site.ts';
import type { Origin } from './arms.ts';
import type { PrintedText } from './mark-tree.ts';

/** A line that a template rendered, in the pieces that it was made of: the template's own text, and values. */
export type TracedLine = { text: string; pieces: readonly TracedPiece[] };
export type TracedPiece = { text: string; isValue: boolean; at: Origin };

/** Stands around each mark: a character that no text may have. */
export const TRACE_MARK = '\u{10fffe}';

/** What stands before a text of a template, by its number. */
export const markOfText = (index: number): string => `${TRACE_MARK}t${index}${TRACE_MARK}`;

/** A value between its marks, by the number of its site. */
export const markedValue = (text: string, site: number): string =>
  `${TRACE_MARK}v${site}${TRACE_MARK}${text.replaceAll(TRACE_MARK, '')}${TRACE_MARK}e${TRACE_MARK}`;

/** The lines of a rendered text with marks. Pure. */
export const linesFrom = ({
  text,
  texts,
  sites,
}: {
  text: string;
  texts: readonly PrintedText[];
  sites: readonly Site[];
}): TracedLine[] => {
  const lines: TracedPiece[][] = [[]];
  const add = (piece: TracedPiece): void => {
    if (piece.text !== '') lines.at(-1)?.push(piece);
  };
  const [, ...parts] = text.split(TRACE_MARK);
  for (let index = 0; index < parts.length; index += 2) {
    const [tag = '', shown = ''] = [parts[index], parts[index + 1]];
    const own = tag.startsWith('t') ? texts[Number(tag.slice(1))] : undefined;
    const site = tag.startsWith('v') ? sites[Number(tag.slice(1))] : undefined;
    for (const [row, line] of shown.replaceAll('\r\n', '\n').split('\n').entries()) {
      if (row > 0) lines.push([]);
      if (own !== undefined) add({ text: line, isValue: false, at: originIn({ own, row, line }) });
      else if (site !== undefined)
        add({ text: line, isValue: true, at: { file: site.template, line: site.line, column: site.column - 1 } });
      // Blanks that a partial is indented by stand behind a value.
      else add({ text: line, isValue: true, at: lines.at(-1)?.at(-1)?.at ?? NOWHERE });
    }
  }
  return lines.map((pieces) => ({ text: pieces.map((piece) => piece.text).join(''), pieces }));
};

const NOWHERE: Origin = { file: '', line: 0, column: 0 };

/** A partial may be indented: its lines are longer then than they are written. */
const originIn = ({ own, row, line }: { own: PrintedText; row: number; line: string }): Origin => {
  const written = own.text.split('\n')[row]?.replace(/\r$/, '') ?? '';
  const indent = !line.startsWith(written) && line.endsWith(written) ? line.length - written.length : 0;
  return { file: own.file, line: own.line + row, column: (row === 0 ? own.column : 0) - indent };
};
