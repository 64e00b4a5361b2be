import { type Lookup, lookupProgram, ROW_PATH } from './lookup.ts';

/** The component before a profile's transform, which looks the row up. */
export const inId = (id: string): string => `${id}_in`;

/**
 * The component between a pipeline's source and its profile's transform. It puts the row and the stream into the event's
 * metadata, which neither a line nor `. = parse_json!(.message)` can reach.
 */
export const inComponent = (lookup: Omit<Lookup, 'usesStream'>): string =>
  `[transforms.${inId(lookup.pipeline)}]
# Written by nvl: whose line it is, where neither the line nor a profile can change it.
type = "remap"
inputs = ["${lookup.pipeline}"]
source = '''
${lookupProgram({ ...lookup, usesStream: true })}
%nvl.stream = stream
'''`;

/** What the labels' program begins with where no profile stands before it: the row, the stream, and nvl's mark. */
export const loneLabelsPrelude = (lookup: Lookup): string =>
  `${lookupProgram(lookup)}
${MARK}`;

const MARK = `if ${ROW_PATH}.mark != "" { .nvl.profile_error = ${ROW_PATH}.mark }`;

/** The labels as a line could say them in one key each, which would read as labels in Elasticsearch; to look at all keys costs more. */
const FORGED_KEYS = ['namespace', 'node_name', 'job_name', 'group_name', 'task_name', 'alloc_id', 'stream'];

/**
 * What the labels' program begins with behind a profile: what `inComponent` has noted, and the event rid of what only nvl
 * says. `namesMarks`: the profile says something under `.nvl` itself, which stays.
 */
export const labelsPrelude = ({ namesMarks, usesStream }: { namesMarks: boolean; usesStream: boolean }): string =>
  `${FORGED_KEYS.map((key) => `del(."nomad.${key}")`).join('\n')}
del(."nvl.profile_error")
del(."nvl.parse_error")
${namesMarks ? 'del(.nvl.profile_error, compact: true)' : 'del(.nvl)'}
${usesStream ? 'stream = string(%nvl.stream) ?? "stdout"\n' : ''}${MARK}`;
