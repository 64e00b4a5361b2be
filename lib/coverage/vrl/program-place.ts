import { parse } from 'smol-toml';
import { decodeBasic, scanToml, type TomlToken } from '../../render/safe/place/toml-scan.ts';

/** A place of a text; both from 0. */
export type TextPlace = { line: number; column: number };

/** Tells where each character of a program stands in the TOML text that has it. */
export type ProgramPlace = (offset: number) => TextPlace;

/**
 * Finds the programs of a component in the TOML of its pipeline, by their texts, one after the other where several have the same. What is
 * not there is undefined: a program may be in a file of its own. Pure.
 */
export const programPlaces = ({
  toml,
  component,
  programs,
}: {
  toml: string;
  component: string;
  programs: readonly string[];
}): (ProgramPlace | undefined)[] => {
  const tree = parse(toml);
  const tokens = scanToml(toml).filter(
    ({ kind, path }) => kind !== 'key' && kind !== 'comment' && kind !== 'bare' && path[1] === component,
  );
  const placeAt = placesIn(toml);
  return programs.map((program) => {
    const index = tokens.findIndex(({ path }) => valueAt(tree, path) === program);
    const [token] = index === -1 ? [] : tokens.splice(index, 1);
    return token && placeIn({ toml, token, placeAt });
  });
};

const valueAt = (tree: unknown, path: TomlToken['path']): unknown =>
  path.reduce<unknown>((value, key) => (value as Record<string | number, unknown> | undefined)?.[key], tree);

const placeIn = ({
  toml,
  token: { kind, start, end },
  placeAt,
}: {
  toml: string;
  token: TomlToken;
  placeAt: ProgramPlace;
}): ProgramPlace => {
  const raw = toml.slice(start, end);
  const quotes = kind === 'lines' || kind === 'literalLines' ? 3 : 1;
  // A line end right behind the quotes is none of the text.
  const opening = quotes === 1 ? 1 : (/^...(?:\r?\n)?/.exec(raw)?.[0].length ?? quotes);
  const inside = raw.slice(opening, -quotes);
  const rawAt = kind === 'basic' || kind === 'lines' ? decodeBasic(inside).rawAt : (offset: number) => offset;
  return (offset) => placeAt(start + opening + rawAt(offset));
};

/** Where each character of a text stands. Pure. */
export const placesIn = (text: string): ProgramPlace => {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  return (offset) => {
    let [low, high] = [0, starts.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low, column: offset - (starts[low] ?? 0) };
  };
};
