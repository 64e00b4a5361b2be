/** A file that only nvl still has: Nomad has deleted it, and Vector has not delivered all of it. */
export type HeldFile = { key: string; bytes: number /** When it was last written to, in ms. */; at: number };

/** Which to let go so that no more than `hold` bytes are left: the oldest first. Pure. */
export const overHold = ({ files, hold }: { files: readonly HeldFile[]; hold: number }): HeldFile[] => {
  let left = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const gone: HeldFile[] = [];
  for (const file of [...files].sort((a, b) => a.at - b.at)) {
    if (left <= hold) break;
    gone.push(file);
    left -= file.bytes;
  }
  return gone;
};
