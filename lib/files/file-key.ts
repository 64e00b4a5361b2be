/** One text for what a device and an inode number tell apart. */
export const fileKey = (file: { dev: bigint; ino: bigint }): string => `${file.dev}:${file.ino}`;
