import {
  type Branch,
  type Coverage,
  type FileCoverage,
  missedIn,
  type Share,
  shareOf,
  wholeShare,
} from '../coverage.ts';
import { marksOn, type Piece, piecesOf } from './marked-line.ts';

/** The coverage as one page that needs nothing else: each template's text, with what no test takes marked in it. Pure. */
export const toHtml = ({
  coverage,
  shownFile,
}: {
  coverage: Coverage;
  shownFile: (file: string) => string;
}): string => {
  const { profiles, files } = coverage;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Coverage of the tests of profiles</title>
<style>${STYLE}</style>
<h1>Coverage: ${shown(wholeShare(coverage))}</h1>
<table>
<tr><th>profile<th>branches<th>
${profiles
  .map(({ profile, branches, isUntested }) => {
    const words = branches === undefined ? 'could not be run' : isUntested ? 'no case' : '';
    return `<tr><td>${escaped(profile)}<td>${branches === undefined ? '' : shown(shareOf(branches))}<td>${words}`;
  })
  .join('\n')}
</table>
<table>
<tr><th>file<th>branches
${files.map(({ file, branches }, index) => `<tr><td><a href="#f${index}">${escaped(shownFile(file))}</a><td>${shown(shareOf(branches))}`).join('\n')}
</table>
${files.map((file, index) => section({ file, index, shownFile })).join('\n')}
</html>
`;
};

const shown = ({ percent, taken, of }: Share): string => (of === 0 ? 'no branches' : `${percent}% (${taken} of ${of})`);

const section = ({
  file: { file, text, branches, lines },
  index,
  shownFile,
}: {
  file: FileCoverage;
  index: number;
  shownFile: (file: string) => string;
}): string => {
  const missed = missedIn(branches);
  const notes = Map.groupBy(missed, ({ branch }) => branch.at.line);
  const rows = text.split('\n').map((line, row) => {
    const number = row + 1;
    const marks = marksOn({ line, number, branches: missed.map(({ branch }) => branch) });
    const count = lines.get(number);
    const said = (notes.get(number) ?? []).map(({ branch, more }) => noteOf(branch, more)).join('');
    const code = piecesOf(line, marks).map(pieceOf).join('');
    return `<tr${count === 0 ? ' class="never"' : ''}><td>${number}<td>${count ?? ''}<td><pre>${code}</pre>${said}`;
  });
  return `<h2 id="f${index}">${escaped(shownFile(file))}: ${shown(shareOf(branches))}</h2>\n<table class="code">\n${rows.join('\n')}\n</table>`;
};

const noteOf = ({ never, isGuard }: Branch, more: number): string => {
  const behind = more === 0 ? '' : ` (and ${more} more in it)`;
  return `<p${isGuard ? ' class="guard"' : ''}>${escaped(`${never}${behind}`)}</p>`;
};

const pieceOf = ({ text, mark }: Piece): string =>
  mark === undefined ? escaped(text) : `<mark${mark === 'guard' ? ' class="guard"' : ''}>${escaped(text)}</mark>`;

/** Also what no HTML may hold in any spelling. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.4 system-ui, sans-serif; margin: 2em auto; max-width: 80em; padding: 0 1em; }
table { border-collapse: collapse; margin: 1em 0; }
td, th { padding: 0 .8em 0 0; text-align: left; vertical-align: top; }
.code td:nth-child(-n+2) { color: GrayText; text-align: right; user-select: none; }
pre { font: 13px/1.4 ui-monospace, monospace; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
.never pre { opacity: .6; }
mark { background: #ffb3b3; color: #000; }
mark.guard { background: #eee3b0; }
p { color: #c00; margin: 0 0 .2em 2em; }
p.guard { color: GrayText; }
`;
