/** What plots are drawn of. Everything is written with one digit after the point: equal input, equal bytes. */
export const svg = ({
  title,
  width,
  height,
  parts,
}: {
  title: string;
  width: number;
  height: number;
  parts: readonly string[];
}): string =>
  `${[
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<title>${escapeXml(title)}</title>`,
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    ...parts,
    '</svg>',
  ].join('\n')}\n`;

export const COLOURS = ['#6b7280', '#1b6ac9', '#d97706', '#15803d', '#b91c1c', '#7c3aed', '#0e7490', '#be185d'];

export const line = ({ from, to }: { from: [number, number]; to: [number, number] }): string =>
  `<line x1="${round(from[0])}" y1="${round(from[1])}" x2="${round(to[0])}" y2="${round(to[1])}" stroke="#e5e7eb"/>`;

export const text = ({ at, words, more = '' }: { at: [number, number]; words: string; more?: string }): string =>
  `<text x="${round(at[0])}" y="${round(at[1])}" fill="#111827"${more === '' ? '' : ` ${more}`}>${escapeXml(words)}</text>`;

export const round = (value: number): number => Math.round(value * 10) / 10;

export const short = (value: number): string => value.toLocaleString('en', { maximumFractionDigits: 3 });

const XML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escapeXml = (words: string): string => words.replace(/[&<>"]/g, (character) => XML[character] ?? character);
