import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Confirmer } from './reloader.ts';

/**
 * Sees a reload by the folders `<data_dir>/<id>/` that new file sources make. It can tell only a reload that adds a source
 * which Vector never had before; without one it sees nothing. A reload that builds its sources and then fails over another
 * component leaves the folders too, so this is the weakest of the confirmers.
 */
export const createCheckpointFolderConfirmer = ({ dataDir }: { dataDir: string }): Confirmer => ({
  name: 'folder',
  begin: async ({ added }) => {
    const before = await Promise.all(added.map((id) => hasFolder({ dataDir, id })));
    const awaited = added.filter((_, index) => before[index] === false);
    return {
      look: async () => {
        if (awaited.length === 0)
          return { kind: 'unconfirmed', why: 'no source is new, so no new folder tells of the reload' };
        const now = await Promise.all(awaited.map((id) => hasFolder({ dataDir, id })));
        return now.every(Boolean) ? { kind: 'reloaded' } : undefined;
      },
    };
  },
});

const hasFolder = ({ dataDir, id }: { dataDir: string; id: string }): Promise<boolean> =>
  stat(join(dataDir, id)).then(
    (found) => found.isDirectory(),
    () => false,
  );
