import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { parseDuration } from '../duration.ts';
import { NvlError } from '../errors.ts';
import { isSwitchKey } from './enabled.ts';
import { PROFILE_KEY } from './profile.ts';

/** `profile.yaml`: what a profile says of itself. Durations are strings with a unit. */
export const parameterSchema = z
  .strictObject({
    type: z.enum(['string', 'number', 'boolean', 'duration', 'enum']).describe('What its values are.'),
    description: z.string().default('').describe('What it does, for the authors of jobs.'),
    default: z
      .union([z.string(), z.number(), z.boolean()])
      .optional()
      .describe('Its value where a job gives none. Without one, a job has to.'),
    minimum: z.number().optional().describe('The least number.'),
    maximum: z.number().optional().describe('The greatest number.'),
    pattern: z.string().optional().describe('A regular expression that a whole string has to match.'),
    values: z.array(z.string()).optional().describe('The values of an enum.'),
  })
  .superRefine((parameter, context) => {
    if (parameter.type === 'enum' && (parameter.values ?? []).length === 0) {
      context.addIssue({ code: 'custom', path: ['values'], message: 'an enum needs its values' });
    }
    if (parameter.pattern !== undefined && !isRegex(parameter.pattern)) {
      context.addIssue({ code: 'custom', path: ['pattern'], message: 'this is no regular expression' });
    }
    if (parameter.default === undefined) return;
    const read = readParameter({ spec: parameter, given: String(parameter.default) });
    if ('fault' in read) context.addIssue({ code: 'custom', path: ['default'], message: read.fault });
  });

const isFree = (name: string): boolean => `nvl_${name}` !== PROFILE_KEY && !isSwitchKey(`nvl_${name}`);

export const profileSchema = z.strictObject({
  description: z.string().default('').describe('What it is for, in a sentence.'),
  owner: z.string().optional().describe('Who to ask.'),
  raw: z
    .boolean()
    .default(false)
    .describe('Whether its templates may use the helper `raw`, which puts text unchecked.'),
  pipeline: z
    .enum(['shared', 'task'])
    .default('shared')
    .describe(
      '`task`: each task has components of its own. Needed only where events depend on those before them in ways nvl does not see.',
    ),
  parameters: z
    .record(
      z
        .string()
        .regex(/^[a-z][a-z0-9_]*$/, 'a parameter is named in small letters, digits and underscores')
        .refine(isFree, 'a job could not set it: nvl itself reads that key of its meta'),
      parameterSchema,
    )
    .default({})
    .describe('What jobs can set in their meta, as `nvl_<name>`.'),
});

export type ProfileSettings = z.output<typeof profileSchema>;
export type ParameterSpec = z.output<typeof parameterSchema>;
export type ParameterValue = string | number | boolean;

export const NO_SETTINGS: ProfileSettings = { description: '', raw: false, pipeline: 'shared', parameters: {} };

/** Reads a `profile.yaml`; all its faults, each with its line. Pure. */
export const readProfileSettings = ({
  path,
  text,
}: {
  path: string;
  text: string;
}): { settings: ProfileSettings; faults: NvlError[] } => {
  const counter = new LineCounter();
  const fault = (message: string, offset: number | undefined): NvlError => {
    const line = offset === undefined ? 1 : counter.linePos(offset).line;
    const advice = 'docs/templates.md shows what a profile.yaml holds';
    return new NvlError('templateInvalid', { message, facts: { at: `${path}:${line}` }, advice });
  };
  let document: ReturnType<typeof parseDocument>;
  let tree: unknown;
  try {
    document = parseDocument(text, { lineCounter: counter });
    tree = document.errors.length > 0 ? undefined : document.toJS();
  } catch {
    // The parser throws what it cannot resolve, and what bursts it: one bad file must not stop the others.
    const message =
      'an alias (*name, which a value that starts with * is) has no anchor, or there are too many, or it is nested too deep: put such a value in quotes';
    return { settings: NO_SETTINGS, faults: [fault(message, undefined)] };
  }
  if (document.errors.length > 0) {
    return {
      settings: NO_SETTINGS,
      faults: document.errors.map((error) => fault(error.message.split('\n')[0] ?? '', error.pos[0])),
    };
  }
  const read = profileSchema.safeParse(tree ?? {});
  if (read.success) return { settings: read.data, faults: [] };
  const offsetOf = (way: readonly PropertyKey[]): number | undefined => {
    for (let length = way.length; length > 0; length -= 1) {
      const node = document.getIn(way.slice(0, length), true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return node.range[0];
    }
    return undefined;
  };
  const faults = read.error.issues.map((issue) =>
    fault(`${issue.path.join('.') || 'profile.yaml'}: ${issue.message}`, offsetOf(issue.path)),
  );
  return { settings: NO_SETTINGS, faults };
};

/** A parameter's value from its text in a job's meta or a rule. */
export const readParameter = ({
  spec,
  given,
}: {
  spec: ParameterSpec;
  given: string;
}): { value: ParameterValue } | { fault: string } => {
  const shown = JSON.stringify(given.length > 60 ? `${given.slice(0, 60)}…` : given);
  switch (spec.type) {
    case 'boolean':
      return given === 'true' || given === 'false'
        ? { value: given === 'true' }
        : { fault: `${shown} is neither true nor false` };
    case 'number':
      return readNumber({ spec, given, shown });
    case 'duration': {
      const read = parseDuration(given);
      return 'ms' in read ? { value: read.ms } : { fault: `${shown}: ${read.fault}` };
    }
    case 'enum':
      return (spec.values ?? []).includes(given)
        ? { value: given }
        : { fault: `${shown} is none of ${(spec.values ?? []).join(', ')}` };
    case 'string': {
      const isMatch = spec.pattern === undefined || new RegExp(`^(?:${spec.pattern})$`, 'u').test(given);
      return isMatch ? { value: given } : { fault: `${shown} does not match ${spec.pattern}` };
    }
  }
};

const readNumber = ({ spec, given, shown }: { spec: ParameterSpec; given: string; shown: string }) => {
  const value = given.trim() === '' ? Number.NaN : Number(given);
  if (!Number.isFinite(value)) return { fault: `${shown} is no number` };
  if (spec.minimum !== undefined && value < spec.minimum) return { fault: `${shown} is less than ${spec.minimum}` };
  if (spec.maximum !== undefined && value > spec.maximum) return { fault: `${shown} is more than ${spec.maximum}` };
  return { value };
};

const isRegex = (pattern: string): boolean => {
  try {
    new RegExp(pattern, 'u');
    return true;
  } catch {
    return false;
  }
};
