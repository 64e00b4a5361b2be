import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { boundHeld } from '../../lib/files/bound-held.ts';
import { LogKeeper } from '../../lib/files/keep-logs.ts';
import { type KnownTasks, taskKey } from '../../lib/files/log-access.ts';
import { createOrphans } from '../../lib/files/orphans.ts';
import { createRelease } from '../../lib/files/release-rotated.ts';
import { removePins } from '../../lib/files/remove-pins.ts';
import type { StartGrabber } from '../../lib/files/start-grabber.ts';
import type { MakeLink } from '../../lib/files/take.ts';
import type { Tending } from '../../lib/files/tend-logs.ts';
import { idOf } from '../support/builders.ts';
import { aLog } from '../watch/support.ts';

export const ALLOC = idOf(1);
/** The task's stem, which its links are named by. */
export const STEM = 'nvl_1_app';
/** The pipeline that reads it. */
export const PIPELINE = 'nvl_default_0';
/** The name of its link to `app.stdout.<index>`. */
export const linkOf = (index: number, stem = STEM): string => `${stem}.stdout.${String(index).padStart(9, '0')}`;

/** An alloc directory and nvl's own folders, all real, in a folder of the test's own. */
export const aSite = () => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-files-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const allocDir = join(folder, 'alloc');
  const root = join(folder, 'root');
  const places = { links: join(root, 'links'), held: join(root, 'held'), pins: join(root, 'pins') };
  for (const place of [allocDir, ...Object.values(places)]) mkdirSync(place, { recursive: true });
  const { log, lines, entries } = aLog();
  const dataDir = join(folder, 'data');
  const logsOf = (allocId = ALLOC) => join(allocDir, allocId, 'alloc', 'logs');
  const site = {
    folder,
    allocDir,
    places,
    dataDir,
    log,
    logged: lines,
    entries,
    refused: () =>
      entries.flatMap(({ name, why }) => (typeof why === 'string' ? [`${String(name)}: ${why}`] : [])).sort(),
    logsOf,
    /** Writes a log where Nomad does. */
    write: (name: string, text: string, allocId = ALLOC): string => {
      mkdirSync(logsOf(allocId), { recursive: true });
      const file = join(logsOf(allocId), name);
      writeFileSync(file, text, { flag: 'a' });
      return file;
    },
    keeper: (given: { link?: MakeLink; startGrabber?: StartGrabber } = {}) => new LogKeeper({ places, log, ...given }),
    app: (allocId = ALLOC) => ({
      allocDir,
      allocId,
      task: 'app',
      id: STEM,
      pipeline: PIPELINE,
      asVectorSees: (path: string) => path,
    }),
    linked: (pipeline = PIPELINE) => namesIn(join(places.links, pipeline)),
    held: (allocId = ALLOC) => namesIn(join(places.held, allocId)),
    pins: () => namesIn(places.pins),
    /** Vector's positions, by file. */
    vectorRead: (positions: Readonly<Record<string, number>>, id = PIPELINE) => {
      mkdirSync(join(dataDir, id), { recursive: true });
      const entries = Object.entries(positions).map(([file, position]) => {
        const { dev, ino } = statSync(file, { bigint: true });
        return `{"fingerprint":{"dev_inode":[${dev},${ino}]},"position":${position}}`;
      });
      writeFileSync(join(dataDir, id, 'checkpoints.json'), `{"version":"1","checkpoints":[${entries.join(',')}]}`);
    },
    known: (given: Partial<KnownTasks> = {}) => ({
      linked: new Set([STEM]),
      claimed: new Set([taskKey({ allocId: ALLOC, task: 'app' })]),
      listed: new Set([ALLOC]),
      isSure: true,
      now: 0,
      ...given,
    }),
    tending: (keeper: LogKeeper, given: Partial<Tending> = {}) => {
      const tending: Tending = {
        keeper,
        dataDir,
        holdBytes: 1_000,
        loadedAt: () => 0,
        sources: () => [PIPELINE],
        log,
        now: () => Date.now() + 3_600_000,
        ...given,
      };
      const orphans = createOrphans(keeper.shelf);
      const sweeping = { ...tending, shelf: keeper.shelf, orphans };
      return {
        releaseRotated: createRelease(tending),
        removePins: () => {
          orphans.look();
          return removePins(sweeping);
        },
        boundHeld: () => {
          orphans.look();
          return boundHeld(sweeping);
        },
      };
    },
  };
  return site;
};

const namesIn = (dir: string): string[] => {
  try {
    return readdirSync(dir).sort();
  } catch {
    return [];
  }
};
