/** A size for people, in 9 characters at most: `812 B`, `12.3 MiB`. `?` where it is not known. Pure. */
export const shownBytes = (bytes: number | null): string => {
  if (bytes === null) return '?';
  const power = bytes < 1_024 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const number = bytes / 1_024 ** power;
  return `${power === 0 ? Math.round(number) : number.toFixed(number < 100 ? 1 : 0)} ${UNITS[power]}`;
};

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** A length of time by its largest unit: `45s`, `3m`, `2h`, `4d`. `-` where there is none. Pure. */
export const shownSeconds = (seconds: number | null): string => {
  if (seconds === null) return '-';
  const [unit, size] = SIZES.find(([, least]) => seconds >= least) ?? ['s', 1];
  const count = Math.floor(Math.max(0, seconds) / size);
  return count > MOST_COUNT ? `>${MOST_COUNT}${unit}` : `${count}${unit}`;
};

const SIZES: readonly [unit: string, seconds: number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['m', 60],
];
const MOST_COUNT = 999;

/** How long ago that was. Pure. */
export const shownAge = ({ at, now }: { at: number | null; now: number }): string =>
  at === null ? '-' : shownSeconds((now - at) / 1_000);

/** A moment and how long ago it was: `2026-11-27T20:01:02Z (3m)`. Pure. */
export const shownMoment = ({ at, now }: { at: number | null; now: number }): string =>
  at === null ? 'an unknown time' : `${new Date(at).toISOString().slice(0, 19)}Z (${shownAge({ at, now })})`;

/** Text of others, for a terminal: nothing in it moves the cursor. Pure. */
export const plainLine = (text: string): string => text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();

/** As much of a text as has room. Pure. */
export const cutTo = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;

/** Lines of a text that are no wider than that, the further ones indented; a word that is wider is cut into pieces. Pure. */
export const wrapped = ({ text, width, indent }: { text: string; width: number; indent: string }): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ').flatMap((one) => pieces(one, width - indent.length))) {
    const next = line === '' ? word : `${line} ${word}`;
    const room = lines.length === 0 ? width : width - indent.length;
    if (next.length <= room) line = next;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].map((one, index) => (index === 0 ? one : `${indent}${one}`));
};

const pieces = (word: string, width: number): string[] =>
  word.length <= width ? [word] : (word.match(new RegExp(`.{1,${width}}`, 'gu')) ?? []);
