import { describe, expect, test } from 'vitest';
import { cells } from '../safe/support/cells.ts';
import { strings, values } from '../safe/support/values.ts';
import { blocksOf, hasVector, readNamedFiles, runBlocks, validateBlocks } from '../safe/support/vector.ts';

/**
 * The table of places through a real Vector: each value that a place takes is a block of its own, whose event is
 * compared with the value; with interpolation of environment variables, which works on the raw text, and without.
 */
describe.skipIf(!hasVector())('safe values in a real Vector (skipped where no vector is on the PATH)', () => {
  const shown = cells.filter(({ real }) => !('none' in real)).map((cell) => [cell.place, cell.name, cell] as const);

  test.each(shown)('%s: %s', async (_place, _name, cell) => {
    const blocks = blocksOf(cell, values, 1);
    expect(blocks.length).toBeGreaterThan(0);
    for (const interpolation of ['off', 'on'] as const) {
      const problems = await ('validate' in cell.real ? validateBlocks : runBlocks)(blocks, interpolation);
      expect(problems, `interpolation ${interpolation}`).toEqual([]);
    }
  });

  test('a file glob matches the file of its value and no other', async () => {
    const names = [...new Set(strings)].filter(
      (name) => name.isWellFormed() && !/[/\0]/.test(name) && Buffer.byteLength(name) < 200,
    );
    expect(names.length).toBeGreaterThan(100);
    expect(await readNamedFiles(names)).toEqual([]);
  });
});
