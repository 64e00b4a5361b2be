export type Instruction = { name: string; words: string };

export type Stage = {
  /** The image that it begins with, or the stage before it. */
  image: string;
  /** What later stages call it. */
  as: string | undefined;
  instructions: readonly Instruction[];
};

/**
 * The stages of a Dockerfile, each with its instructions in their order: comments are away and lines that go on are joined.
 * Throws for what no Dockerfile may hold: an unknown instruction, or one before the first FROM.
 *
 * @source https://docs.docker.com/reference/dockerfile/
 */
export const readDockerfile = (text: string): Stage[] => {
  const stages: { image: string; as: string | undefined; instructions: Instruction[] }[] = [];
  const lines = text.split('\n').filter((line) => !/^\s*(?:#|$)/.test(line));
  const joined = lines.join('\n').replaceAll(/\\\n\s*/g, '');
  for (const line of joined.split('\n')) {
    const [, name = '', words = ''] = /^([A-Z]+)\s+(.*\S)\s*$/.exec(line) ?? [];
    if (!KNOWN.has(name)) throw new Error(`no instruction of a Dockerfile: ${line}`);
    const [, image, as] = (name === 'FROM' && /^(\S+)(?: AS (\S+))?$/.exec(words)) || [];
    if (image !== undefined) stages.push({ image, as, instructions: [] });
    else if (stages.length === 0 || name === 'FROM') throw new Error(`not understood: ${line}`);
    else stages.at(-1)?.instructions.push({ name, words });
  }
  return stages;
};

const KNOWN: ReadonlySet<string> = new Set(
  'ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(
    ' ',
  ),
);

export type Copy = { from: string | undefined; sources: string[]; target: string };

/** What a COPY takes, from which stage (undefined: from the folder that is built), and where to. */
export const readCopy = ({ words }: Instruction): Copy => {
  const all = words.split(/\s+/);
  const from = all.find((word) => word.startsWith('--from='))?.slice('--from='.length);
  const paths = all.filter((word) => !word.startsWith('--'));
  return { from, sources: paths.slice(0, -1), target: paths.at(-1) ?? '' };
};

/** Whether a file of the folder is handed to the build. Only the forms that nvl's own `.dockerignore` has: `*`, then `!path`. */
export const isSent = ({ ignore, path }: { ignore: string; path: string }): boolean => {
  const [first, ...kept] = ignore.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (first !== '*' || kept.some((line) => !/^![\w./-]+$/.test(line)))
    throw new Error('only * and !path are understood');
  return kept.some((line) => path === line.slice(1) || path.startsWith(`${line.slice(1)}/`));
};
