import { expect, test } from 'vitest';
import { readSource, sourceFiles } from '../../scripts/imports.ts';

/** What has one home: everybody else imports it from there. */
const HOMES: readonly [what: string, home: string, pattern: RegExp][] = [
  ["an error's own words", 'lib/errors.ts', /(\w+) instanceof Error \? \1\.message : String\(\1\)/],
  ["Vector's positions in files", 'lib/files/checkpoints.ts', /'checkpoints\.json'/],
  ['opening a node and closing it again', 'lib/wiring/with-node.ts', /await openNodeSource\(/],
  ["what is said of a block that can't be used", 'lib/render/refused.ts', /\$\{INSTEAD_WORDS\[\w+\]\}: /],
  ['the exit code for a refused configuration', 'bin/exit-code.ts', /=== 'vectorRefused' \?|\? EXIT\.refused :/],
  ["where a job's author may write meta", 'lib/context/meta-levels.ts', /\['group', \w+\.group\.meta\]/],
];

test.each(HOMES)('%s stands in %s alone', (_, home, pattern) => {
  expect(sourceFiles().filter((file) => pattern.test(readSource(file)))).toEqual([home]);
});
