import { readdir, readFile, readlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasCode } from '../../errors.ts';
import { type ProcessIdentity, readParents, readProcess } from './identity.ts';
import { MARK, type MarkKind, type RootMark, readMark } from './mark.ts';

/** A process that an nvl of this output root started, or that came from one of these. */
export type Marked = ProcessIdentity & {
  kind: MarkKind;
  parent: number;
  /** It may be the Vector itself, or a script in front of it, and not one of the programs that Vector runs. */
  mayBeVector: boolean;
};

/**
 * All processes that carry the mark of this output root, as far as this one may look: those of its own process namespace.
 * nvl itself and what it descends from are never among them. Where there is no /proc, none is found.
 */
export const findMarked = async ({ mark, binary }: { mark: RootMark; binary: string }): Promise<Marked[]> => {
  const names = await readdir('/proc').catch(() => []);
  const own = await readAncestors(process.pid);
  const pids = names
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => !own.has(pid));
  const found: (Marked | undefined)[] = [];
  // In portions, as each look holds a descriptor.
  for (let at = 0; at < pids.length; at += 64)
    found.push(...(await Promise.all(pids.slice(at, at + 64).map((pid) => readMarked({ pid, mark, binary })))));
  return found.filter((one) => one !== undefined);
};

/** A process that may be a Vector of this root. */
type Suspect = { pid: number; mark: RootMark; binary: string };

/** Its start is read before anything else and again last: all that is said is about one process. */
const readMarked = async ({ pid, mark, binary }: Suspect): Promise<Marked | undefined> => {
  const before = await readProcess(pid);
  if (before === undefined) return undefined;
  const kind = await kindOf({ pid, mark, binary });
  if (kind === undefined) return undefined;
  const family = await readParents(pid);
  const after = await readProcess(pid);
  if (family === undefined || after?.startTime !== before.startTime) return undefined;
  const mayBeVector = family.session === pid || (await looksLikeVector({ pid, mark, binary }));
  return { ...before, kind, parent: family.parent, mayBeVector };
};

const kindOf = async ({ pid, mark, binary }: Suspect): Promise<MarkKind | undefined> => {
  try {
    const read = readMark((await readVariable(pid)) ?? '');
    return read !== undefined && (await isOfRoot({ pid, of: read.mark, mark })) ? read.kind : undefined;
  } catch (error) {
    // A Vector with capabilities of its own, or of another user, hides its environment, not its name and arguments.
    const isHidden = hasCode(error, 'EACCES', 'EPERM');
    return isHidden && (await isVectorOnLive({ pid, mark, binary })) ? 'runs' : undefined;
  }
};

const readVariable = async (pid: number): Promise<string | undefined> => {
  const text = (await readEnvironment(pid)).toString('utf8');
  const start = `${MARK}=`;
  return text
    .split('\0')
    .find((variable) => variable.startsWith(start))
    ?.slice(start.length);
};

/** Empty for a moment in the middle of an exec, and for good for a thread of the kernel, which runs no file. */
const readEnvironment = async (pid: number): Promise<Buffer> => {
  for (let looks = 1; ; looks += 1) {
    const bytes = await readFile(`/proc/${pid}/environ`);
    if (bytes.length > 0 || looks === 4) return bytes;
    const runsFile = await readlink(`/proc/${pid}/exe`).then(
      () => true,
      () => false,
    );
    if (!runsFile) return bytes;
    await sleep(5);
  }
};

/** By its folder; or by its path, for a folder that was taken away and made anew while it ran. */
const isOfRoot = async ({ pid, of, mark }: { pid: number; of: RootMark; mark: RootMark }): Promise<boolean> => {
  if (of.folder !== '' && of.folder === mark.folder) return true;
  if (of.path !== mark.path) return false;
  // A path means the same only to those who see the same files.
  const places = await Promise.all(
    [String(pid), 'self'].map(async (who) => [
      await readlink(`/proc/${who}/ns/mnt`).catch(() => who),
      await readlink(`/proc/${who}/root`).catch(() => who),
    ]),
  );
  return String(places[0]) === String(places[1]);
};

/** Of a program whose environment is hidden: its name is Vector's, and it was told to load what is live here. */
const isVectorOnLive = async ({ pid, mark, binary }: Suspect): Promise<boolean> =>
  (await hasVectorsName({ pid, binary })) && (await namesLive({ pid, mark }));

const looksLikeVector = async (o: { pid: number; mark: RootMark; binary: string }): Promise<boolean> =>
  (await hasVectorsName(o)) || (await namesLive(o));

const hasVectorsName = async ({ pid, binary }: { pid: number; binary: string }): Promise<boolean> => {
  const name = (await readFile(`/proc/${pid}/comm`, 'utf8').catch(() => '')).trim();
  // The kernel keeps 15 bytes of a name.
  return [basename(binary), 'vector'].some((known) => known.slice(0, 15) === name);
};

const namesLive = async ({ pid, mark }: { pid: number; mark: RootMark }): Promise<boolean> =>
  (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).includes(join(mark.path, 'live'));

const readAncestors = async (pid: number): Promise<Set<number>> => {
  const own = new Set<number>();
  for (let at: number | undefined = pid; at !== undefined && at > 0 && !own.has(at); ) {
    own.add(at);
    at = (await readParents(at))?.parent;
  }
  return own;
};
