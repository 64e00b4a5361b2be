import { z } from 'zod';
import { parseYaml } from '../config/parse-yaml.ts';
import { readBounded } from '../config/read-bounded.ts';
import { messageOf, NvlError } from '../errors.ts';

/** What is replaced, and by what: `$1` is a group of the expression. */
export type RedactRule = { pattern: RegExp; with: string };

const rulesSchema = z.array(
  z.strictObject({
    pattern: z.string('pattern is a regular expression, as text').min(1, 'an empty pattern matches everywhere'),
    with: z.string('with is text').default('[redacted]'),
  }),
  'the rules are a list, each with a pattern',
);

/**
 * Reads a file with rules, as YAML or JSON: `- pattern: 'card=\d+'`. Expressions are JavaScript's; `^` and `$` are the ends of a line. Throws `usage`
 * for what is none.
 */
export const readRedactRules = async (file: string): Promise<RedactRule[]> => {
  const fault = (said: string, line?: number): NvlError =>
    new NvlError('usage', {
      message: 'the rules of --redact cannot be used, so nothing was captured',
      facts: { at: line === undefined ? file : `${file}:${line}`, said },
      advice: "write a list: - pattern: 'card=\\d+'",
    });
  const text = await textOf(file).catch((error: unknown) => {
    throw fault(messageOf(error));
  });
  const { tree, lineOf, faults } = parseYaml(text, { isJson: /\.json$/i.test(file) });
  const [first] = faults;
  if (first !== undefined) throw fault(first.text, first.line);
  const read = rulesSchema.safeParse(tree ?? []);
  const [issue] = read.error?.issues ?? [];
  if (!read.success) throw fault(issue?.message ?? '', lineOf(issue?.path ?? []));
  return read.data.map(({ pattern, with: replacement }, index) => {
    try {
      return { pattern: new RegExp(pattern, 'gmu'), with: replacement };
    } catch (error) {
      throw fault(messageOf(error), lineOf([index, 'pattern']));
    }
  });
};

const textOf = async (file: string): Promise<string> => {
  const read = await readBounded({ file, mostBytes: MOST_BYTES });
  if ('why' in read) throw new Error(read.why);
  return read.bytes.toString('utf8');
};

const MOST_BYTES = 1_048_576;
