import {
  dropReadFields,
  indented,
  KEEP_NAME,
  type Lookup,
  lookupAgain,
  lookupProgram,
  objectProgram,
  ROW_PATH,
} from './lookup.ts';

/** The component before a profile's transform, which looks the row up. */
export const inId = (id: string): string => `${id}_in`;

/**
 * The component between a pipeline's source and its profile's transform. It puts the row and the stream into the event's
 * metadata, which neither a line nor `. = parse_json!(.message)` can reach.
 */
export const inComponent = ({
  keepsState,
  input,
  ...lookup
}: Omit<Lookup, 'usesStream'> & {
  /** What it reads. */
  input: string;
  /** The transform may drop metadata. */
  keepsState: boolean;
}): string =>
  `[transforms.${inId(lookup.pipeline)}]
# Written by nvl: whose line it is, where neither the line nor a profile can change it.
type = "remap"
inputs = ["${input}"]
source = '''
${noted(lookup)}${keepsState ? `\n${KEEP_NAME}` : ''}
${dropReadFields(lookup)}
'''`;

const noted = (lookup: Omit<Lookup, 'usesStream'>): string => {
  const row = `${lookupProgram({ ...lookup, usesStream: true })}\n%nvl.stream = stream`;
  return lookup.object === undefined
    ? row
    : objectProgram({ object: lookup.object, target: OBJECT_PATH, otherwise: row });
};

/** Where a task's labels stand behind `inComponent`, if they were found as one object. */
const OBJECT_PATH = '%nvl.labels';

/** What takes them from there. */
export const TAKE_OBJECT = `del(${OBJECT_PATH})`;

/** What the labels' program stands in where no profile is before it: the row, the stream, and nvl's mark. */
export const loneFrame = (lookup: Lookup): ((labels: string) => string) => {
  const read = lookupProgram(lookup);
  const { object } = lookup;
  if (object === undefined) return (labels) => [read, dropReadFields(lookup), MARK, labels, END].join('\n');
  return (labels) =>
    [
      objectProgram({ object, target: object.labels.path, otherwise: [read, MARK, labels, END].join('\n') }),
      dropReadFields(lookup),
    ].join('\n');
};

const MARK = `if ${ROW_PATH}.mark != "" { .nvl.profile_error = ${ROW_PATH}.mark }`;

/** What nvl noted is of no use behind the labels. */
const END = 'del(%nvl)';

/** The labels as a line could say them in one key each, which would read as labels in Elasticsearch; to look at all keys costs more. */
const FORGED_KEYS = ['namespace', 'node_name', 'job_name', 'group_name', 'task_name', 'alloc_id', 'stream'];

/**
 * What the labels' program stands in behind a profile: what `inComponent` has noted, and the event rid of what only nvl
 * says. `namesMarks`: the profile says something under `.nvl` itself, which stays. `keepsState`: it may drop metadata, as `reduce` does.
 */
export const profileFrame = ({
  namesMarks,
  keepsState,
  usesStream,
  object,
  ...lookup
}: { namesMarks: boolean; keepsState: boolean } & Lookup): ((labels: string) => string) => {
  const rid = [
    ...FORGED_KEYS.map((key) => `del(."nomad.${key}")`),
    'del(."nvl.profile_error")',
    'del(."nvl.parse_error")',
    namesMarks ? 'del(.nvl.profile_error, compact: true)' : 'del(.nvl)',
  ];
  // The name comes back from where a line and a profile cannot put it.
  const again = [`if ${ROW_PATH} == null {`, indented(`${lookupAgain(lookup)}\n%nvl.stream = stream`), '}'];
  const row = [...(keepsState ? again : []), ...(usesStream ? ['stream = string(%nvl.stream) ?? "stdout"'] : []), MARK];
  if (object === undefined) return (labels) => [...rid, ...row, labels, END].join('\n');
  return (labels) =>
    [
      ...rid,
      `if ${ROW_PATH} == null {`,
      indented(`${object.labels.path} = ${TAKE_OBJECT}\n${END}`),
      '} else {',
      indented([...row, labels, `${END} }`].join('\n')),
    ].join('\n');
};
