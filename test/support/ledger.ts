import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Claim } from './count-lines.ts';

/** What the writers that have ended by now say they wrote. The node's name is the one label that a task is not told. */
export const readClaims = async ({ ledger, nodeName }: { ledger: string; nodeName: string }): Promise<Claim[]> => {
  const names = (await readdir(ledger)).filter((name) => !name.startsWith('.'));
  const claims = await Promise.all(
    names.map(async (name) => JSON.parse(await readFile(join(ledger, name), 'utf8')) as Claim),
  );
  return claims.map((claim) => ({ ...claim, labels: { ...claim.labels, node_name: nodeName } }));
};

/** Of the writers of a job's tasks, those that could be told to end by now and would say what they wrote. */
export const hasBegun = async ({
  ledger,
  jobId,
  tasks,
}: {
  ledger: string;
  jobId: string;
  tasks: readonly string[];
}): Promise<boolean> => {
  const names = new Set(await readdir(ledger));
  return tasks.every((task) => names.has(`.began.${jobId}.${task}`));
};
