import type { CycleDeps } from '../cycle-deps.ts';
import { rowsOf } from '../pipelines/table.ts';
import { labelTablesIn } from '../render/labels/label-tables.ts';
import { vectorTables } from '../render/vector-tables.ts';
import { readOwnFile } from './own.ts';
import type { RootPaths } from './paths.ts';
import { readLive } from './swap.ts';
import { hasVectorTables, removeOldTables, writeTables, writeVectorTables } from './write-tables.ts';

/** The tables of an output root, as cycles use them. `check` throws where another nvl has the root now. */
export const tablesOn = ({
  paths,
  check,
}: {
  paths: RootPaths;
  check: () => Promise<void>;
}): {
  port: Pick<CycleDeps['disk'], 'readTable' | 'hasTables' | 'writeTable'>;
  /** Another file may look its rows up in other tables, and Vector does not start without them. */
  putBack: (text: string) => Promise<void>;
} => {
  /** Of the last ones, which Vector has though somebody may have taken them away. */
  const times = new Map<string, number>();
  const readTable = async () => (await readOwnFile(paths.tableFile))?.toString('utf8');
  return {
    port: {
      readTable,
      hasTables: (of) => hasVectorTables({ paths, tables: vectorTables(of) }),
      writeTable: async ({ table, rows, text }) => {
        await check();
        const tables = vectorTables({ text, rows });
        await writeTables({ paths, text: table, tables, times });
        // What is live reads its own until it is replaced.
        const live = labelTablesIn((await readLive(paths))?.toString('utf8') ?? '');
        await removeOldTables({ paths, keep: new Set([...tables.keys(), ...[...live.values()].map(({ id }) => id)]) });
      },
    },
    putBack: async (text) =>
      writeVectorTables({ paths, tables: vectorTables({ text, rows: rowsOf(await readTable()) }), times }),
  };
};
