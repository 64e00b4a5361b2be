import { linkSync, symlinkSync } from 'node:fs';
import { hasCode, messageOf } from '../errors.ts';
import { type SeenFile, whyRefused } from './judge-file.ts';
import { type LogFolder, lookAt } from './log-folder.ts';

export type Taken =
  | { kind: 'taken'; file: SeenFile; isHard: boolean; whySymbolic?: string }
  | { kind: 'refused'; why: string }
  /** Deleted meanwhile, or nvl's already. */
  | { kind: 'none' };

export type MakeLink = (from: string, to: string) => void;

/**
 * Makes a link of nvl's own to a log file, at `aside`, where nothing lies and Vector does not look. The file is looked at,
 * linked, and the link is looked at: whoever puts something else in its place in between is found out.
 */
export const takeFile = ({
  folder,
  name,
  aside,
  isOwn,
  symbolicTo,
  discard,
  link = linkSync,
}: {
  folder: LogFolder;
  name: string;
  aside: string;
  /** A link of nvl's own leads to it already. */
  isOwn: (file: SeenFile) => boolean;
  /** What a symbolic link would say, where no other can be made; undefined: none is made. */
  symbolicTo?: string;
  /** Takes away what lies at `aside`. */
  discard: () => void;
  /** For tests: what the disk does. */
  link?: MakeLink;
}): Taken => {
  const path = folder.pathOf(name);
  const file = lookAt(path);
  if (file === undefined || isOwn(file)) return { kind: 'none' };
  const why = whyRefused({ file, owner: folder.owner, ownLinks: 0n });
  if (why !== undefined) return { kind: 'refused', why };
  try {
    link(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return { kind: 'none' };
    if (symbolicTo === undefined || !hasCode(error, ...NO_HARD_LINK)) throw error;
    symlinkSync(symbolicTo, aside);
    return { kind: 'taken', file, isHard: false, whySymbolic: messageOf(error) };
  }
  const linked = lookAt(aside);
  const whyNot =
    linked === undefined
      ? 'it was taken away'
      : (whyOther({ file, linked, folder }) ?? whyMoved({ path, aside, linked, folder }));
  if (linked !== undefined && whyNot === undefined) return { kind: 'taken', file: linked, isHard: true };
  if (linked !== undefined) discard();
  return { kind: 'refused', why: whyNot ?? '' };
};

/** Another file system, no right to, a file system without them, or as many as it can have. */
const NO_HARD_LINK = ['EXDEV', 'EPERM', 'EACCES', 'EMLINK', 'ENOTSUP', 'ENOSYS'];

const whyOther = ({
  file,
  linked,
  folder,
}: {
  file: SeenFile;
  linked: SeenFile;
  folder: LogFolder;
}): string | undefined =>
  file.dev !== linked.dev || file.ino !== linked.ino
    ? SWAPPED
    : whyRefused({ file: linked, owner: folder.owner, ownLinks: 1n });

/**
 * A name that comes and goes makes a file of two names look like one of one name, if it is away at each look at their
 * number. So it is looked at again: the same file by the same name, with no name but that and nvl's. One that is deleted
 * meanwhile has nvl's alone, which no file from elsewhere has.
 */
const whyMoved = ({
  path,
  aside,
  linked,
  folder,
}: {
  path: string;
  aside: string;
  linked: SeenFile;
  folder: LogFolder;
}): string | undefined => {
  for (let looks = 0; looks < LOOKS; looks += 1) {
    const again = lookAt(path);
    if (again?.ino !== linked.ino || again.dev !== linked.dev) return lookAt(aside)?.nlink === 1n ? undefined : SWAPPED;
    const why = whyRefused({ file: again, owner: folder.owner, ownLinks: 1n });
    if (why !== undefined) return why;
  }
  return undefined;
};

const LOOKS = 4;
const SWAPPED = 'something else was put in its place while nvl looked at it';
