import type { Config } from '../config/config.ts';
import { runSession } from '../daemon/daemon.ts';
import type { DaemonSession } from '../daemon/session.ts';
import type { Log } from '../log.ts';
import type { Io } from '../wiring/io.ts';
import { keepVector } from '../wiring/keep-vector.ts';
import { openSession, withRoot } from '../wiring/session.ts';

/** The daemon as the demo listens to it: when Vector confirmed each reload, with the tasks that had a row then, and what came of those it did not confirm. */
export type DaemonEvents = { reloads: { at: number; stems: ReadonlySet<string> }[]; refused: string[] };

/** `nvl run -- vector …` for as long as `use` takes: the same session, and the same Vector kept. */
export const withDaemon = <T>(
  { config, io, log, vectorArgs }: { config: Config; io: Io; log: Log; vectorArgs: readonly string[] },
  use: (heard: DaemonEvents) => Promise<T>,
): Promise<T> =>
  withRoot({ config, io, log, vectorArgs }, async (resources) => {
    const heard: DaemonEvents = { reloads: [], refused: [] };
    const keeper = await keepVector({ config, ...resources });
    const { session, close } = openSession({ config, resources, keeper });
    const ended = new AbortController();
    const running = runSession({ session: listenTo({ session, heard }), log, signal: ended.signal });
    try {
      return await use(heard);
    } finally {
      ended.abort();
      await running;
      await close();
      await keeper.stop();
    }
  });

const listenTo = ({ session, heard }: { session: DaemonSession; heard: DaemonEvents }): DaemonSession => ({
  ...session,
  makeDeps: async (given) => {
    const deps = await session.makeDeps(given);
    let stems: ReadonlySet<string> = new Set();
    return {
      ...deps,
      disk: {
        ...deps.disk,
        writeTable: async (tables) => {
          await deps.disk.writeTable(tables);
          stems = new Set(tables.rows.map(({ stem }) => stem));
        },
      },
      reload: async (options) => {
        const result = await deps.reload(options);
        if (result.kind === 'reloaded') heard.reloads.push({ at: performance.now(), stems });
        else heard.refused.push(result.why);
        return result;
      },
    };
  },
});
