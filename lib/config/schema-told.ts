import { z } from 'zod';
import { key } from './key.ts';
import { listenAt } from './values.ts';

/** What nvl tells programs that watch it. */
export const metricsSection = z
  .strictObject({
    address: key(listenAt().prefault('127.0.0.1:4650'), {
      description:
        'Where the daemon answers `/metrics` for Prometheus, `/healthz`, `/readyz` and `/health`, as host and port, or `off`. Whoever reaches it may read the names of jobs there.',
      argument: '<host:port|off>',
    }),
    byTask: key(z.boolean().prefault(false), {
      description:
        "Has Vector count the lines and bytes of each task, and the processor time of each transform, for `nvl top` and whatever reads Vector's own metrics. Four series more for each log file.",
    }),
  })
  .prefault({})
  .meta({ description: 'What nvl tells programs that watch it.' });

/** Its own log. */
export const logSection = z
  .strictObject({
    level: key(z.enum(['debug', 'info', 'warn', 'error']).prefault('info'), {
      description: 'How much nvl says of itself.',
      argument: '<level>',
    }),
    format: key(z.enum(['auto', 'json', 'pretty']).prefault('auto'), {
      description: '`json`, a line an entry; `pretty`, for people; `auto`, pretty on a terminal.',
      argument: '<format>',
    }),
  })
  .prefault({})
  .meta({ description: "nvl's own log, on stderr. It holds nothing up: what nobody reads is let go, and counted." });
