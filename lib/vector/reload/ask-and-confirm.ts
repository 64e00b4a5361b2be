import { setTimeout as sleep } from 'node:timers/promises';
import type { ReloadResult } from '../process/reload-result.ts';
import type { Confirmer, Reloader } from './reloader.ts';

/**
 * A reloader out of a way to ask (which answers with a result only where it already knows one, such as a failure) and a
 * way to see. Without a confirmer, or with one that sees nothing in time, a reload is unconfirmed.
 */
export const askAndConfirm = ({
  name,
  ask,
  confirmer,
  everyMs = 250,
}: {
  name: string;
  ask: (o: { timeoutMs: number; signal?: AbortSignal }) => Promise<ReloadResult | undefined>;
  confirmer?: Confirmer | undefined;
  everyMs?: number;
}): Reloader => ({
  name,
  reload: async ({ added, timeoutMs, signal }) => {
    const untilMs = Date.now() + timeoutMs;
    const watch = await confirmer?.begin({ added });
    const known = await ask({ timeoutMs, ...(signal && { signal }) });
    if (known !== undefined && (known.kind !== 'unconfirmed' || watch === undefined)) return known;
    if (confirmer === undefined || watch === undefined)
      return { kind: 'unconfirmed', why: 'nothing was set up to see it' };
    while (signal?.aborted !== true) {
      const seen = await watch.look();
      if (seen !== undefined) return seen;
      if (Date.now() + everyMs > untilMs) break;
      await sleep(everyMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    }
    const waited =
      signal?.aborted === true ? 'nvl stopped waiting for it' : `nothing was seen within ${timeoutMs / 1000} s`;
    return { kind: 'unconfirmed', why: `${waited} (by ${confirmer.name})` };
  },
});
