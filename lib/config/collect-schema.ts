import { z } from 'zod';
import { key } from './key.ts';
import { backfill, bytes, duration, text, unset, url } from './values.ts';

const DAY_MS = 86_400_000;
const MANY_DAYS_MS = 3_650 * DAY_MS;

/** The keys of `collect`. */
export const collectSchema = z
  .strictObject({
    backfill: key(backfill().prefault('all'), {
      description:
        'Which finished tasks, found when nvl starts, are still collected: `all` that were not read to their end before, `none`, or those that ended lately, as `since:24h`.',
      argument: '<all|none|since:duration>',
    }),
    self: key(z.boolean().prefault(false), {
      description: "Collect nvl's own job too. A Vector that prints what it collects then feeds on itself.",
    }),
    groupOnly: key(z.boolean().prefault(false), {
      description:
        'For an nvl that is a task beside others (`nvl sidecar`): collect the other tasks of its own allocation, which NOMAD_ALLOC_ID, NOMAD_ALLOC_DIR and NOMAD_TASK_NAME name, and nothing else of the node. Its token needs `read-job` in its namespace.',
      flag: '--group-only',
    }),
    linger: key(duration({ maxMs: MANY_DAYS_MS }).prefault('20s'), {
      description:
        'With `collect.groupOnly`: how long nvl goes on at most when it is told to end, until what finished tasks wrote is read. The `kill_timeout` of its task has to be longer, as Vector delivers the rest after that.',
      argument: '<duration>',
    }),
    removalDelay: key(duration({ maxMs: MANY_DAYS_MS }).prefault('30s'), {
      description:
        'How long a finished task stays collected at least. It stays longer until all it wrote was read and delivered.',
      argument: '<duration>',
    }),
    ceiling: key(duration({ maxMs: MANY_DAYS_MS }).prefault('24h'), {
      description: 'What ends every such wait; nvl then says what was left.',
      argument: '<duration>',
    }),
    docker: key(z.enum(['off', 'docker_logs', 'journald']).prefault('off'), {
      description:
        "How tasks of Nomad's docker driver are collected that Nomad writes no log files of: by the docker engine's API (`docker_logs`), from the journal, where docker's log driver is `journald`, or not at all (`off`). `docs/modes.md` says what is weaker there.",
      argument: '<how>',
    }),
    dockerHost: key(unset(url(['unix', 'http', 'https'])), {
      description: 'With `collect.docker: docker_logs`: where the docker engine answers, as Vector reaches it.',
      argument: '<url>',
      otherwise: "DOCKER_HOST in Vector's environment, else `unix:///var/run/docker.sock`",
    }),
    dockerUnit: key(text().prefault('docker.service'), {
      description:
        'With `collect.docker: journald`: the systemd unit of the docker engine. What others write to the journal is no line of a container, whatever it says.',
      argument: '<unit>',
    }),
    hold: key(bytes().prefault('2GiB'), {
      description:
        'How much nvl keeps of log files that Nomad has deleted and Vector has not read yet. The oldest go first, and nvl says what was left unread.',
      argument: '<size>',
    }),
  })
  .prefault({})
  .meta({ description: 'What is collected, and for how long.' });
