export const CONTEXT_VERSION = 1;
