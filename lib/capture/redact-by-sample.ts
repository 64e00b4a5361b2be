import { readTemplates } from '../config/read-templates.ts';
import { readEngineConfig } from '../engine/read-config.ts';
import { renderTests } from '../profile-test/session.ts';
import { LINKS_DIR, syntheticTask } from '../profile-test/synthetic-task.ts';
import { compileTemplates } from '../render/templates.ts';
import type { Vrl } from '../vrl/vrl.ts';

/** Texts without what looks like a secret or personal data; undefined in the place of one that could not be looked through. */
export type RedactTexts = (texts: readonly string[]) => Promise<(string | undefined)[]>;

/** What the sample `redact` that comes with nvl makes of a line's text, by its own program. Throws what `Vrl.run` throws. */
export const createSampleRedactor = async (vrl: Vrl): Promise<RedactTexts> => {
  const program = { name: 'the sample redact', source: await sampleProgram() };
  const redactSome = async (texts: readonly string[]): Promise<(string | undefined)[]> => {
    const { results } = await vrl.run(
      program,
      texts.map((message) => ({ event: { message } })),
    );
    return texts.map((_, index) => {
      const result = results[index];
      if (result?.kind !== 'done' || typeof result.event !== 'object' || result.event === null) return undefined;
      const { message } = result.event as { message?: unknown };
      return typeof message === 'string' ? message : undefined;
    });
  };
  return async (texts) => {
    const redacted: (string | undefined)[] = [];
    // So that no call takes too long.
    for (let at = 0; at < texts.length; at += AT_ONCE)
      redacted.push(...(await redactSome(texts.slice(at, at + AT_ONCE))));
    return redacted;
  };
};

const AT_ONCE = 100;

const sampleProgram = async (): Promise<string> => {
  const testCase = {
    profile: 'redact',
    name: '',
    file: 'redact',
    line: 0,
    position: 0,
    task: {},
    params: {},
    stream: 'stdout',
  } as const;
  const task = syntheticTask({ testCase, linksDir: LINKS_DIR });
  const { text } = renderTests({
    session: {
      cases: [{ testCase: { ...testCase, bytes: Buffer.alloc(0) }, task }],
      templates: compileTemplates(await readTemplates(undefined)),
      folders: { links: LINKS_DIR },
    },
    isIn: () => true,
  });
  const found = readEngineConfig(text).transforms.find(({ id }) => id.endsWith('_parse'))?.options.source;
  if (typeof found !== 'string') throw new Error('the sample redact has no program');
  return found;
};
