import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import type { Asked } from '../nomad/asker.ts';
import type { Standing } from './collect.ts';
import { ensureLink, removeLink } from './links.ts';

/** A link is there before its source, and away before its source goes: called between the proof and the swap. */
export const setLinks = async ({
  standings,
  asked,
  config,
  linksDir,
  log,
}: {
  standings: readonly Standing[];
  asked: Asked;
  config: Config;
  linksDir: string;
  log: Log;
}): Promise<void> => {
  for (const { id, verdict } of standings) {
    const target = verdict.record?.logDir;
    if (!verdict.isLinked) await removeLink({ linksDir, id });
    else if (target !== undefined) await ensureLink({ linksDir, id, target: asVectorSees({ target, asked, config }) });
    if (verdict.event !== undefined) logEvent({ id, event: verdict.event, log });
  }
};

/** A Vector in a container may see the allocations' folder under another path. */
const asVectorSees = ({ target, asked, config }: { target: string; asked: Asked; config: Config }): string =>
  config.vector.allocDir !== undefined && target.startsWith(`${asked.allocDir}/`)
    ? `${config.vector.allocDir}${target.slice(asked.allocDir.length)}`
    : target;

const logEvent = ({
  id,
  event,
  log,
}: {
  id: string;
  event: NonNullable<Standing['verdict']['event']>;
  log: Log;
}): void => {
  if (event.kind === 'ceiling') {
    log.warn({ task: id, bytesLeft: Number(event.bytesLeft) }, 'gave up waiting for Vector to read a finished task');
  } else log.debug({ task: id }, `task ${event.kind}`);
};
