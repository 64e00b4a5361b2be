import type { Cell } from './cell.ts';
import { optionCells } from './cells-options.ts';
import { tomlCells } from './cells-toml.ts';
import { vrlCells } from './cells-vrl.ts';

/** Every place of the table, each at least once. */
export const cells: readonly Cell[] = [...tomlCells, ...optionCells, ...vrlCells];
