import { parse } from 'smol-toml';
import { objectOf } from '../json.ts';
import { BYTES_BEHIND_STEM } from '../link-name.ts';
import { inId } from '../render/labels/shapes.ts';
import type { Rendered } from '../render/render.ts';
import { scanToml, type TomlToken } from '../render/safe/place/toml-scan.ts';

/**
 * A configuration in which each event of these pipelines keeps the stem of its task, which begins the name of its file, in a secret of that
 * name. Of an event a profile can change everything that it can name; the name of the secret it cannot know. It is read behind the labels,
 * by `markProgram`. Pure.
 */
export const withMarks = ({
  text,
  pipelines,
  secret,
}: {
  text: string;
  pipelines: readonly string[];
  /** A name that no template holds, of letters, digits and `_`. */
  secret: string;
}): string => {
  const programs = new Map(scanToml(text).flatMap((token) => (isProgram(token) ? [[token.path[1], token]] : [])));
  const places = pipelines.flatMap((id) => {
    // The first program behind the source, or behind what joins its lines, which still has the file's name.
    const { start } = programs.get(inId(id)) ?? programs.get(`${id}_out`) ?? {};
    return start === undefined ? [] : [start + OPENING];
  });
  const ends = [...places.sort((a, b) => a - b), text.length];
  return [0, ...ends.slice(0, -1)].map((from, index) => text.slice(from, ends[index])).join(`\n${keepStem(secret)}`);
};

const isProgram = ({ kind, path }: TomlToken): boolean =>
  (kind === 'lines' || kind === 'literalLines') &&
  path.length === 3 &&
  path[0] === 'transforms' &&
  path[2] === 'source';

/** Bytes of `'''` and `"""`. */
const OPENING = 3;

/** It stands in strings of both kinds, without a quote or backslash to escape. Vector (0.57) warns of a call whose result nothing reads. */
const keepStem = (secret: string): string =>
  `if set_secret(s'${secret}', string(slice(basename(string(.file) ?? s'') ?? s'', 0, -${BYTES_BEHIND_STEM}) ?? s'') ?? s'') != null { abort }`;

/** VRL that puts a marked event's stem where a sink can read it; what has no mark gets `otherwise`. */
export const markProgram = ({ secret, otherwise }: { secret: string; otherwise: string }): string =>
  `${MARK_PATH} = get_secret("${secret}") || "${otherwise}"`;

export const MARK_PATH = '%nvl_test';

/** The tasks, by their stems, that share a pipeline though its source may take two files that begin alike for one. Pure. */
export const takenForOne = ({ text, rows }: Pick<Rendered, 'text' | 'rows'>): string[] => {
  const { sources } = parse(text);
  const tells = new Map(
    Object.entries(objectOf(sources)).map(([id, source]) => {
      const { fingerprint, fingerprinting } = objectOf(source);
      return [id, objectOf(fingerprint ?? fingerprinting).strategy === 'device_and_inode'];
    }),
  );
  return [...Map.groupBy(rows, ({ pipeline }) => pipeline)].flatMap(([pipeline, own]) =>
    own.length > 1 && tells.get(pipeline) !== true ? own.map(({ stem }) => stem) : [],
  );
};
