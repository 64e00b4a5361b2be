import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, messageOf, NvlError } from '../errors.ts';
import { logDirOf } from '../files/log-folder.ts';
import { isLogFileOf } from '../files/log-name.ts';
import type { Allocation } from '../nomad/allocation.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, fail, notChecked, ok } from './finding.ts';

/** Are the allocations' folders here, and may nvl read the logs in them? */
export const checkAllocFolder = async (context: DoctorContext): Promise<Finding[]> => {
  const allocDir = await context.allocDir().catch(() => undefined);
  if (allocDir === undefined) return [notChecked('Nomad does not say where it is, and nomad.allocDir is not set')];
  if (context.group !== undefined) {
    const folder = logDirOf({ allocDir, allocId: context.group.allocId, only: context.group.allocId });
    return [ok(`${folder}, with ${(await list(folder)).length} files`)];
  }
  const names = await list(allocDir);
  const allocations = (await context.list().catch(() => undefined))?.allocations ?? [];
  const running = allocations.filter(({ status }) => status.clientStatus === 'running');
  const there = [...running, ...allocations].find(({ id }) => names.includes(id));
  if (there !== undefined) {
    await readLogs({ allocDir, allocation: there });
    return [ok(`${allocDir}, and the logs of ${there.name} in it`)];
  }
  if (running.length === 0) return [ok(`${allocDir} can be listed; no allocation is in it yet`)];
  return [
    fail(
      `${allocDir} holds none of the ${running.length} running allocations`,
      "set nomad.allocDir to the folder that this node's agent uses, as nvl sees it",
    ),
  ];
};

const readLogs = async ({ allocDir, allocation }: { allocDir: string; allocation: Allocation }): Promise<void> => {
  const logs = join(allocDir, allocation.id, 'alloc', 'logs');
  const isLog = (name: string) => allocation.tasks.some((task) => isLogFileOf({ task: task.name, name }));
  const first = (await list(logs)).find(isLog);
  if (first === undefined) return;
  const file = join(logs, first);
  try {
    await (await open(file)).close();
  } catch (error) {
    throw unreadable({ place: file, error });
  }
};

const list = async (folder: string): Promise<string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    throw unreadable({ place: folder, error });
  }
};

const unreadable = ({ place, error }: { place: string; error: unknown }): NvlError =>
  new NvlError('allocDirUnreadable', {
    message: `${place} cannot be read`,
    facts: { said: messageOf(error) },
    advice: hasCode(error, 'ENOENT')
      ? "set nomad.allocDir to where nvl sees Nomad's folder of allocations; in a container, mount it"
      : 'run nvl as root: Nomad lets only root list that folder',
    cause: error,
  });
