/** Rules that no test of a sample can miss, each with the reason: `file` is how its path ends, `rule` how the rule's words begin. */
export const UNMISSED: readonly { file: string; rule: string; why: string }[] = [];
