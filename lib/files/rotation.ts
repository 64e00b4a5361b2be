import { parseLinkName } from '../link-name.ts';

/** Of a task's links the names that are not the newest of their stream: Nomad writes no more to those files. Pure. */
export const rotatedOf = (names: readonly string[]): string[] => {
  const newest = new Map<string, number>();
  const parsed = names.flatMap((name) => {
    const found = parseLinkName(name);
    return found === undefined ? [] : [{ name, ...found }];
  });
  for (const { stream, index } of parsed) newest.set(stream, Math.max(index, newest.get(stream) ?? index));
  return parsed.filter(({ stream, index }) => index !== newest.get(stream)).map(({ name }) => name);
};

/**
 * Whether Vector has read all of a file that nobody writes to any more. A last line without its newline is read when the
 * link goes, and only by a Vector that has found the file. Pure.
 */
export const isReadToEnd = ({
  size,
  lastNewline,
  position,
  isFound,
}: {
  size: bigint;
  lastNewline: bigint;
  /** Undefined: Vector has none for it. */
  position: bigint | undefined;
  /** The Vector that runs has had the time to find it. */
  isFound: boolean;
}): boolean => {
  if (size === 0n || (position !== undefined && position >= size)) return true;
  return isFound && (position ?? 0n) >= lastNewline;
};
