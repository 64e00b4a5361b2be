import { quickRoot } from '../config/quick-root.ts';
import { objectOf } from '../json.ts';
import { askSocket, STATUS_PATH } from '../serve/ask-socket.ts';
import { askedIn, statusQuestion } from '../status/question.ts';
import { showJob } from '../status/show/show-job.ts';
import { MOST_SHOWN, showStatus } from '../status/show/show-status.ts';
import { type NodeStatus, STATUS_SCHEMA } from '../status/status.ts';

/**
 * What `nvl status` prints, where a daemon answers and nothing special is asked: without commander and the libraries that read a
 * configuration, which take most of the time. Undefined where the whole command has to do it, and say what is wrong.
 */
export const quickStatus = async ({
  args,
  env,
  cwd,
  systemDir,
}: {
  /** Those behind `status`. */
  args: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
  cwd: string;
  systemDir?: string;
}): Promise<string | undefined> => {
  const read = readArgs(args);
  const folder = read && quickRoot({ given: read.root, env, cwd, systemDir });
  if (read === undefined || folder === undefined) return undefined;
  const asked = askedIn(read.words);
  const limit = asked.job === undefined && !read.isJson ? MOST_SHOWN : undefined;
  const answer = await askSocket({ folder, question: `${STATUS_PATH}?${statusQuestion({ asked, limit })}` }).catch(
    () => undefined,
  );
  if (answer?.status !== 200) return undefined;
  const found = objectOf(JSON.parse(answer.text)) as NodeStatus;
  if (found.schema !== STATUS_SCHEMA || (asked.job !== undefined && found.list.length === 0)) return undefined;
  if (read.isJson) return answer.text;
  return asked.job === undefined ? showStatus(found) : showJob(found);
};

/** Undefined where any argument is none of the plain ones. */
const readArgs = (
  args: readonly string[],
): { words: string[]; isJson: boolean; root: string | undefined } | undefined => {
  const words: string[] = [];
  let isJson = false;
  let root: string | undefined;
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    if (arg === '--json') isJson = true;
    else if (arg === '--root' && args[index + 1] !== undefined) {
      index += 1;
      root = args[index];
    } else if (arg.startsWith('--root=')) root = arg.slice('--root='.length);
    else if (!arg.startsWith('-') && words.length < 2) words.push(arg);
    else return undefined;
  }
  return { words, isJson, root };
};
