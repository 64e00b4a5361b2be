import { decide, type Seen } from '../../lib/collect/decide.ts';
import type { Config } from '../../lib/config/config.ts';
import type { LogFile } from '../../lib/files/log-files.ts';
import type { TaskRecord } from '../../lib/state/record.ts';
import { aConfig } from '../support/builders.ts';

export const SECOND = 1_000;
export const HOUR = 3_600 * SECOND;
/** The clock of these tests starts here; nvl was installed long before. */
export const T0 = 1_000 * HOUR;

export const names = {
  allocId: 'a',
  task: 'app',
  namespace: 'default',
  job: 'shop',
  profile: 'default',
  logDir: '/alloc/a/alloc/logs',
};

/** A log file: `lines` bytes of whole lines, and `rest` bytes behind the last newline. */
export const aFile = ({
  ino = 1,
  lines = 0,
  rest = 0,
}: {
  ino?: number;
  lines?: number;
  rest?: number;
} = {}): LogFile => ({
  name: `app.stdout.${ino}`,
  dev: 1n,
  ino: BigInt(ino),
  size: BigInt(lines + rest),
  lastNewline: BigInt(lines),
  place: 'link',
});

/** How far Vector has read, by inode. */
export const read = (positions: Readonly<Record<number, number>>): Seen['checkpoints'] =>
  new Map(Object.entries(positions).map(([ino, position]) => [`1:${ino}`, BigInt(position)]));

export const aRecord = (given: Partial<TaskRecord> = {}): TaskRecord => ({
  ...names,
  phase: 'collected',
  loadedAt: T0 - HOUR,
  ...given,
});

type Given = {
  record?: TaskRecord | undefined;
  finishedAt?: number | undefined;
  isListed?: boolean;
  files?: LogFile[] | undefined;
  checkpoints?: Seen['checkpoints'];
  now?: number;
  installedAt?: number;
  collect?: Partial<Config['collect']>;
};

/** Decides with a removal delay of 30 s and a ceiling of 24 h, unless told otherwise. */
export const decideOn = (given: Given) =>
  decide({
    record: given.record,
    seen: {
      names,
      finishedAt: given.finishedAt,
      isListed: given.isListed ?? true,
      files: 'files' in given ? given.files : [],
      checkpoints: given.checkpoints ?? new Map(),
    },
    collect: aConfig({ collect: { removalDelay: 30 * SECOND, ceiling: 24 * HOUR, ...given.collect } }).collect,
    installedAt: given.installedAt ?? 0,
    now: given.now ?? T0,
  });
