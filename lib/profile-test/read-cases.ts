import { type Document, isMap, isSeq } from 'yaml';
import { z } from 'zod';
import { NvlError } from '../errors.ts';
import type { TestCase } from './case.ts';
import { parseTestFile, takeAsWritten } from './test-yaml.ts';

/** One case as a test file holds it; what its task wrote may lie in a file of its own. */
export type RawCase = Omit<TestCase, 'bytes'> & { lines: string | undefined; linesFile: string | undefined };

const texts = z.record(z.string(), z.union([z.string(), z.boolean()]).transform(String));
const name = z.string('a name is text: put it in quotes').min(1).optional();

/** Nomad knows texts only: `version: 1.10` is one, too. */
const isText = ([first, second]: readonly string[]): boolean =>
  first === 'params' || (first === 'task' && second === 'meta');

/** A case of a `tests/*.yaml` file; docs/testing-profiles.md describes it. */
export const caseSchema = z
  .strictObject(
    {
      name: z.string('a case needs a name').min(1, 'a case needs a name'),
      task: z
        .strictObject({
          job: name,
          group: name,
          task: name,
          namespace: name,
          type: z.enum(['service', 'batch', 'system', 'sysbatch']).optional(),
          driver: name,
          node: name,
          meta: texts.optional(),
        })
        .default({}),
      params: texts.default({}),
      stream: z.enum(['stdout', 'stderr'], 'the stream is stdout or stderr').default('stdout'),
      lines: z
        .union(
          [z.string(), z.array(z.string('a line is text: put it in quotes'))],
          'lines are text, or a list of texts',
        )
        .optional(),
      file: z.string().min(1).optional(),
      events: z
        .array(z.record(z.string(), z.unknown(), 'an event is a mapping of its fields; for no event at all write []'))
        .optional(),
      exact: z.boolean().default(false),
    },
    {
      error: (issue) => (issue.code === 'invalid_type' ? 'a case is a mapping: name, lines, events' : undefined),
    },
  )
  .superRefine(({ lines, file }, context) => {
    if (lines === undefined && file === undefined)
      context.addIssue({ code: 'custom', message: 'a case needs lines, or a file with them' });
    if (lines !== undefined && file !== undefined)
      context.addIssue({ code: 'custom', path: ['file'], message: 'a case takes lines or a file, not both' });
  });

/**
 * Reads the text of one test file. A case with faults is left out, and its faults name the file and line; the file's other
 * cases stay. Pure.
 */
export const readCases = ({
  profile,
  file,
  text,
}: {
  profile: string;
  file: string;
  text: string;
}): { cases: RawCase[]; faults: NvlError[] } => {
  const { document, lineAt } = parseTestFile(text);
  const fault = (message: string, line: number): NvlError =>
    new NvlError('testInvalid', {
      message,
      facts: { at: `${file}:${line}` },
      advice: 'docs/testing-profiles.md shows what a case holds',
    });
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    return {
      cases: [],
      faults: errors.map((error) => fault(error.message.split('\n')[0] ?? '', lineAt(error.pos[0]))),
    };
  }
  if (document.contents === null) return { cases: [], faults: [] };
  if (!isSeq(document.contents)) return { cases: [], faults: [fault('a test file is a list of cases', 1)] };
  const slips = takeAsWritten({ document, isText });
  if (slips.length > 0) {
    return { cases: [], faults: slips.map(({ message, offset }) => fault(message, lineAt(offset))) };
  }
  const faults: NvlError[] = [];
  const written = document.toJS() as unknown[];
  const cases = document.contents.items.flatMap((node, position): RawCase[] => {
    const line = lineAt(offsetOf(node) ?? 0);
    const read = caseSchema.safeParse(written[position]);
    if (!read.success) {
      for (const issue of read.error.issues) {
        const offset = nearestOffset({ document, path: [position, ...issue.path] });
        faults.push(fault(`${pathText(issue.path)}${issue.message}`, offset === undefined ? line : lineAt(offset)));
      }
    }
    if (!read.success) return [];
    const { lines, file: linesFile, events, exact, ...rest } = read.data;
    return [
      {
        ...rest,
        profile,
        file,
        line,
        position,
        lines: typeof lines === 'object' ? lines.map((item) => `${item}\n`).join('') : lines,
        linesFile,
        events: events as TestCase['events'],
        isExact: exact,
      },
    ];
  });
  return { cases, faults };
};

const pathText = (path: readonly PropertyKey[]): string => (path.length === 0 ? '' : `${path.join('.')}: `);

const offsetOf = (node: unknown): number | undefined =>
  (node as { range?: [number, number, number] | null } | null)?.range?.[0];

/** Where the path leads, or as far of it as is there; the key, not its value. */
const nearestOffset = ({
  document,
  path,
}: {
  document: Document;
  path: readonly PropertyKey[];
}): number | undefined => {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const step of path) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => String(key) === String(step));
      if (pair === undefined) break;
      offset = offsetOf(pair.key) ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
      offset = offsetOf(node) ?? offset;
    } else break;
  }
  return offset;
};
