import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const project = (name: string): string => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');

/** By its digests alone, unless the machine's owner wants it built. */
const CHECK_VRL = `npm run check:vrl -- "--\${NVL_CHECK_VRL:-quick}"`;

test('a machine without anything runs what a person runs before a commit', () => {
  const steps = project('.ci/run')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  expect(steps.slice(-3)).toEqual(['npm ci', CHECK_VRL, 'npm run check']);
  const { scripts } = JSON.parse(project('package.json')) as { scripts: Record<string, string> };
  // The tests come last: their last line counts them.
  expect(scripts.check).toBe('npm run types && npm run lint && npm test');
});

test('the linter has its recommended rules on, and none is off but by a note at its place', () => {
  const { linter } = JSON.parse(project('biome.json')) as { linter: unknown };
  expect(linter).toEqual({ rules: { preset: 'recommended' } });
  const { scripts } = JSON.parse(project('package.json')) as { scripts: Record<string, string> };
  expect(scripts.lint).toContain('--error-on-warnings');
});
