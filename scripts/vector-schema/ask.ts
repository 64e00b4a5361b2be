import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readReport } from '../../lib/vector/proof/report.ts';

/** One small configuration, and the component in it that Vector would blame; without one it is asked by itself. */
export type Question = { config: object; component?: string };

/** What Vector has against it as it reads it; undefined where it takes it. */
export type Answer = string | undefined;

/**
 * Asks a Vector which configurations it can read, many in one run: it reads each file, and says of each the first thing that it
 * refuses. A further file that no Vector reads keeps it from going on to what a configuration does.
 */
export const askVector = async ({
  binary,
  questions,
}: {
  binary: string;
  questions: readonly Question[];
}): Promise<Answer[]> => {
  const answers: Answer[] = new Array(questions.length).fill(undefined);
  const open = groupsOf(questions);
  for (let group = open.pop(); group !== undefined; group = open.pop()) {
    const said = await askTogether({ binary, questions: group.map((at) => questions[at] as Question) });
    if (said !== undefined) for (const [position, at] of group.entries()) answers[at] = said[position];
    // One of them ends it: an address without a host does.
    else if (group.length === 1) answers[group[0] ?? 0] = 'Vector panicked';
    else {
      const half = Math.ceil(group.length / 2);
      open.push(group.slice(0, half), group.slice(half));
    }
  }
  return answers;
};

const MOST_FILES = 400;

/** The places of questions that are asked together. */
const groupsOf = (questions: readonly Question[]): number[][] => {
  const places = [...questions.keys()];
  const alone = places.filter((at) => questions[at]?.component === undefined);
  const others = places.filter((at) => questions[at]?.component !== undefined);
  const groups = Array.from({ length: Math.ceil(others.length / MOST_FILES) }, (_, at) =>
    others.slice(at * MOST_FILES, (at + 1) * MOST_FILES),
  );
  return [...alone.map((at) => [at]), ...groups];
};

const STOP = 'nvl_stop';

/** Undefined where Vector does not come to the last file. */
const askTogether = async ({
  binary,
  questions,
}: {
  binary: string;
  questions: readonly Question[];
}): Promise<Answer[] | undefined> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-schema-'));
  try {
    const configs = [...questions.map(({ config }) => config), { sources: { [STOP]: { type: STOP } } }];
    const files = configs.map((_, at) => join(folder, `${String(at).padStart(5, '0')}.json`));
    await Promise.all(configs.map((config, at) => writeFile(files[at] ?? '', JSON.stringify(config))));
    const { refusals } = readReport(await run(binary, ['validate', '--no-environment', ...files]));
    const named = refusals.map(({ component, message }) => ({
      message,
      component: component ?? /in `\w+\.(\w+)[^`]*`$/.exec(message)?.[1],
    }));
    if (!named.some(({ component }) => component === STOP)) return undefined;
    const others = named.filter(({ component }) => component !== STOP);
    if (questions[0]?.component === undefined) return [others[0]?.message];
    const asked = new Set(questions.map(({ component }) => component));
    const strange = others.find(({ component }) => !asked.has(component));
    if (strange !== undefined) throw new Error(`of no question: ${strange.message}`);
    const by = new Map(others.map(({ component, message }) => [component, message]));
    return questions.map(({ component }) => by.get(component));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const run = (binary: string, args: readonly string[]): Promise<{ stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(binary, [...args], { env: { PATH: process.env.PATH }, maxBuffer: 1 << 28 }, (_, stdout, stderr) =>
      resolve({ stdout, stderr }),
    );
  });
