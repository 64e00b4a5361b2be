import { KINDS } from '../config/component-kinds.ts';
import { SECRET } from '../config/redact.ts';
import type { VectorRefusal } from './report.ts';

/**
 * What this machine lacks, so that its Vector cannot judge a component: undefined where the configuration itself is at
 * fault. On a node that is the same, as Vector would not start there; a machine that only looks, such as a CI runner, has
 * neither the node's certificates and variables nor, perhaps, a Vector with every kind of sink. Pure.
 */
export const lackOf = ({
  refusal: { message },
  text = '',
}: {
  refusal: VectorRefusal;
  text?: string;
}): string | undefined => {
  for (const { form, lack } of FORMS) {
    const found = form.exec(message);
    if (found !== null) return lack(found);
  }
  const kind = unknownKind(message);
  if (kind !== undefined) return `a Vector with the ${kind.table} kind ${kind.name}`;
  return SECRET.test(text) ? 'the value of a secret, for which vector validate puts nothing' : undefined;
};

/** The wording of Vector 0.57 and of the libraries it builds components with. */
const FORMS: readonly { form: RegExp; lack: (found: RegExpExecArray) => string }[] = [
  {
    form: /^(?:Missing|Non-empty) environment variable .*?name = "([^"]*)"/,
    lack: ([, name]) => `the variable ${name}`,
  },
  { form: /^Config file not found in path\..*path="([^"]+)"/, lack: ([, path]) => `the file ${path}` },
  {
    form: /Could not (?:open|read) (?:(\w+) )?(?:\w+ )?file "([^"]+)"/,
    lack: ([, , path]) => `the file ${path}`,
  },
  { form: /data_dir "([^"]+)" (?:does not exist|is not writable)/, lack: ([, path]) => `the folder ${path}` },
  { form: /^.*\(os error \d+\)/m, lack: ([line]) => `what it looks for here: ${withoutHead(line)}` },
  {
    form: /^.*(?:dns error|failed to lookup address|connection refused|tcp connect error|timed out|error trying to connect).*$/im,
    lack: ([line]) => `a server: ${withoutHead(line)}`,
  },
  {
    form: /^.*(?:failed to (?:load|fetch|get|retrieve) .*credentials|no credentials|credentials .*not (?:found|loaded)).*$/im,
    lack: ([line]) => `credentials: ${withoutHead(line)}`,
  },
];

const withoutHead = (line: string): string => line.replace(/^(?:Source|Transform|Sink|Enrichment Table) "[^"]*": /, '');

/** A kind that Vector has, and this build of it does not; a slip of the pen is none. */
const unknownKind = (message: string): { table: string; name: string } | undefined => {
  const name = /unknown variant `([^`]+)`, expected/.exec(message)?.[1];
  const table = /in `(source|transform|sink)s\.[^.`]+`\s*$/.exec(message)?.[1];
  if (name === undefined || table === undefined) return undefined;
  return KINDS[table as keyof typeof KINDS].has(name) ? { table, name } : undefined;
};
