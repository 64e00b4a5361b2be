import { closeSync, openSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { findOtherRoots } from '../../lib/files/other-roots.ts';
import { aSite } from './support.ts';

/** An output root that this process holds open, as an nvl does. */
const aHeldRoot = (site: ReturnType<typeof aSite>) => {
  const root = realpathSync(join(site.folder, 'root'));
  writeFileSync(join(root, 'lock'), '');
  const fd = openSync(root, 'r');
  onTestFinished(() => closeSync(fd));
  return root;
};

test('an nvl on another root that has a link to the file is found; the own one, and one without, are not', () => {
  const site = aSite();
  const root = aHeldRoot(site);
  const file = statSync(site.write('app.stdout.0', 'a\n'), { bigint: true });
  const elsewhere = join(site.folder, 'elsewhere');
  expect(findOtherRoots({ own: elsewhere, file })).toEqual([]);
  site.keeper().see({ allocDir: site.allocDir });
  expect(findOtherRoots({ own: elsewhere, file })).toEqual([{ root, pid: String(process.pid) }]);
  expect(findOtherRoots({ own: root, file })).toEqual([]);
});

test('two nvls on one node: the second names the root of the first, once', () => {
  const first = aSite();
  const root = aHeldRoot(first);
  const second = aSite();
  for (const index of [0, 1]) first.write(`app.stdout.${index}`, 'a\n');
  first.keeper().see({ allocDir: first.allocDir });
  second.keeper().see({ allocDir: first.allocDir });
  const told = second.entries.filter(({ roots }) => roots !== undefined);
  expect(told).toHaveLength(1);
  expect(told[0]?.roots).toContain(`${root} (process ${process.pid})`);
  expect(second.refused()[0]).toContain('another nvl with a root of its own');
});
