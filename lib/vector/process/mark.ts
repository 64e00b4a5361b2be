import { realpath, stat } from 'node:fs/promises';

/**
 * What every process that nvl starts from the vector binary carries in its environment: it says whose it is from its first
 * moment on, whatever becomes of nvl, and whether or not anything about it could be written down.
 */
export const MARK = 'NVL_VECTOR_OF';

/** An output root as a mark names it: by its folder, which may be moved, and by its path, at which it may be made anew. */
export type RootMark = { folder: string; path: string };

/** `runs`: it reads the logs. `asks`: it was only asked something (`validate`, `--version`) and holds no event. */
export type MarkKind = 'runs' | 'asks';

export const rootMark = async (root: string): Promise<RootMark> => {
  const path = await realpath(root).catch(() => root);
  const found = await stat(path, { bigint: true }).catch(() => undefined);
  return { folder: found === undefined ? '' : `${found.dev}-${found.ino}`, path };
};

export const markText = ({ kind, mark }: { kind: MarkKind; mark: RootMark }): string =>
  `${kind}:${mark.folder}:${mark.path}`;

/** Undefined for what is no mark. */
export const readMark = (text: string): { kind: MarkKind; mark: RootMark } | undefined => {
  const [, kind, folder = '', path = ''] = /^(runs|asks):([\d-]*):(.*)$/s.exec(text) ?? [];
  return kind === undefined ? undefined : { kind: kind as MarkKind, mark: { folder, path } };
};

/** The environment of a process that is only asked something, beside a command's own. */
export const asksEnv = (env: Readonly<Record<string, string | undefined>>): Record<string, string> => {
  const read = readMark(env[MARK] ?? '');
  return read === undefined ? {} : { [MARK]: markText({ kind: 'asks', mark: read.mark }) };
};
