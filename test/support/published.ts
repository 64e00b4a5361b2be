/**
 * Names the nvl that end-to-end tests run, as it is published: it starts at a fifth of what the sources cost, and is what a user
 * runs. Alone here, as it is set before nvl.ts is loaded.
 */
export const PUBLISHED = 'VITEST_NVL_PUBLISHED';
