import { plural } from '../plural.ts';
import { INSTEAD_WORDS } from '../render/refused.ts';
import type { TaskState } from './status.ts';
import type { KnownTask } from './task-status.ts';

/** Why a task is not read, or not by its own profile, in words; empty where all is as it should be. Pure. */
export const whyNotRead = ({ known, state }: { known: KnownTask; state: TaskState }): string[] => {
  const { listed, collected, refused, refusedFiles, takeFault, lostBytes } = known;
  return [
    ...(state === 'notCollected' ? [whyNotCollected(known)] : []),
    ...(refused?.errors ?? []).map((error) => `${INSTEAD_WORDS[refused?.instead ?? 'nothing']}: ${error.message}`),
    ...(state === 'waiting' && listed !== undefined ? ['Vector does not have its labels yet'] : []),
    ...(state === 'waiting' && listed === undefined ? ['no Vector is known that reads it now'] : []),
    ...(collected?.decision.fault === undefined ? [] : [collected.decision.fault.message]),
    ...(takeFault === undefined ? [] : [`its log files cannot be taken: ${takeFault}`]),
    ...(refusedFiles.length === 0 ? [] : [`${plural(refusedFiles.length, 'file')} beside its logs refused`]),
    ...(lostBytes === 0 ? [] : [`${plural(lostBytes, 'byte')} went unread`]),
  ];
};

const whyNotCollected = ({ listed }: KnownTask): string => {
  if (listed === undefined) return 'its job does not want it any more';
  const { said, task, wanted } = listed;
  if (wanted !== undefined) return 'it had finished before, and collect.backfill leaves it out, or it wrote nothing';
  if (task.logs.disabled)
    return `its job has Nomad keep no logs of it (logs { disabled = true })${task.driver === 'docker' ? '; collect.docker can have its container read' : ''}`;
  if (said === undefined) return "it is of nvl's own job (collect.self)";
  return said.fault?.message ?? 'its meta says so (nvl_enabled)';
};
