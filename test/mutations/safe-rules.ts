/**
 * Switches off each rule of the table of places in turn and says whether the table's test notices: a rule that no
 * test misses protects nothing. By hand: `npm run mutate:safe`.
 */
import { type Places, places } from '../../lib/render/safe/index.ts';
import { cells } from '../safe/support/cells.ts';
import { createCheck } from '../safe/support/check.ts';
import { values } from '../safe/support/values.ts';

/** How many values come out wrong, or are no longer refused, with the rules of `table`. */
const countMisses = (table: Places): number =>
  cells.reduce((sum, cell) => {
    const check = createCheck(cell, table);
    return sum + values.filter((value) => check(value) !== undefined).length;
  }, 0);

const ids = Object.keys(places) as (keyof Places)[];
const rows = ids.map((id) => {
  const row = { ...places[id], encode: (value: unknown) => String(value) };
  return { id, name: places[id].name, misses: countMisses({ ...places, [id]: row }) };
});

for (const { id, name, misses } of rows) {
  console.log(`${misses > 0 ? 'caught' : 'MISSED'}  ${id.padEnd(18)} ${String(misses).padStart(5)} wrong  ${name}`);
}
const missed = rows.filter(({ misses }) => misses === 0);
console.log(`${rows.length - missed.length} of ${rows.length} caught; ${countMisses(places)} wrong with all rules on`);
if (missed.length > 0) process.exitCode = 1;
