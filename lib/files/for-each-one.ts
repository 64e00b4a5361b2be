/** What cannot be done for one is done for all others; the first that failed is thrown then. */
export const forEachOne = <T>(items: readonly T[], act: (item: T) => void): void => {
  let fault: { error: unknown } | undefined;
  for (const item of items) {
    try {
      act(item);
    } catch (error) {
      fault ??= { error };
    }
  }
  if (fault !== undefined) throw fault.error;
};
