/** What the disk says of a name in a log folder. */
export type SeenFile = { kind: FileKind; dev: bigint; ino: bigint; nlink: bigint; uid: bigint };

export type FileKind = 'file' | 'symbolic link' | 'folder' | 'pipe' | 'socket' | 'device';

/** Whose files a log folder may hold: those of the user who writes Nomad's logs, on its file system. */
export type FolderOwner = { dev: bigint; uid: bigint };

/**
 * Why a name in a log folder is not taken for a log; undefined for one that is. Tasks may write into that folder: what
 * lies there may lead to a file that only root may read, or stop whoever opens it. Pure.
 */
export const whyRefused = ({
  file,
  owner,
  ownLinks,
}: {
  file: SeenFile;
  owner: FolderOwner;
  /** How many names of it are nvl's. */
  ownLinks: bigint;
}): string | undefined => {
  if (file.kind !== 'file') return `it is a ${file.kind}`;
  if (file.dev !== owner.dev) return ANOTHER_FILE_SYSTEM;
  if (file.uid !== owner.uid) return `it belongs to user ${file.uid}, and the alloc directory to user ${owner.uid}`;
  if (file.nlink > ownLinks + 1n) return ANOTHER_NAME;
  return undefined;
};

export const ANOTHER_NAME =
  'it has another name (a hard link), and a log of Nomad has one: a task made it, or another nvl with a root of its own works on this node';

const ANOTHER_FILE_SYSTEM = 'it lies on another file system than the alloc directory';

/** Why a name is not taken, in one word of a few. Pure. */
export const reasonOf = (why: string): RefusedReason => {
  const kind = KINDS.find((one) => why === `it is a ${one}`);
  if (kind !== undefined) return kind === 'symbolic link' ? 'symbolic_link' : kind;
  if (why === ANOTHER_NAME) return 'hard_link';
  if (why === ANOTHER_FILE_SYSTEM) return 'file_system';
  return why.startsWith('it belongs to user ') ? 'owner' : 'other';
};

export type RefusedReason =
  | Exclude<FileKind, 'file' | 'symbolic link'>
  | 'symbolic_link'
  | 'hard_link'
  | 'file_system'
  | 'owner'
  | 'other';

const KINDS: readonly Exclude<FileKind, 'file'>[] = ['symbolic link', 'folder', 'pipe', 'socket', 'device'];
