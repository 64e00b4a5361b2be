/** Whether a file's user is nvl's own. Always so where users are not numbers, as on Windows. */
export const isOwn = (uid: number): boolean => process.geteuid === undefined || uid === process.geteuid();
