import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyTables } from '../render/vector-tables.ts';
import { type Validation, validate } from '../vector/proof/validate.ts';
import type { TestSession } from './session.ts';
import { configFile } from './test-config.ts';

/** Has Vector judge a text in the place of the session's configuration, by both proofs. */
export const validateText = async ({
  session: { command, folders, signal },
  text,
  timeoutMs = VALIDATE_MS,
}: {
  session: TestSession;
  text: string;
  timeoutMs?: number;
}): Promise<Validation> => {
  const liveFile = configFile(folders);
  const stagedFile = join(folders.config, 'staged');
  await writeFile(stagedFile, `${text}\n${ANY_SINK}`);
  return validate({
    command: { ...command, args: ['--config-toml', liveFile] },
    liveFile,
    stagedFile,
    mirrorFolder: folders.mirror,
    tables: emptyTables({ text, linksDir: folders.links }),
    timeoutMs,
    signal,
  });
};

/** Vector refuses a configuration without a sink. */
const ANY_SINK = '[sinks.nvl_test]\ntype = "blackhole"\ninputs = ["nomad_logs"]\n';

const VALIDATE_MS = 60_000;
