import type { VrlToken } from './vrl-scan.ts';

/** A function of VRL that asks for a constant: in the argument with this name, or in this place, from 0. */
type Row = readonly [name: string, argument: string, place: number];

/**
 * Arguments that VRL's compiler must know: it refuses the program, or says that the call may fail, where a value is known
 * only when an event comes. From the sources of VRL 0.33 and of Vector 0.57: whatever calls `resolve_constant`,
 * `required_literal`, `optional_literal`, `required_enum` or `optional_enum` on an argument, or takes it apart as a list or
 * an object that is written out.
 */
export const CONSTANT_ARGUMENTS: readonly Row[] = [
  ['aggregate_vector_metrics', 'function', 0],
  ['camelcase', 'original_case', 1],
  ['chunks', 'chunk_size', 1],
  ['crc', 'algorithm', 1],
  ['decrypt', 'algorithm', 1],
  ['encode_gzip', 'compression_level', 1],
  ['encode_percent', 'ascii_set', 1],
  ['encode_proto', 'desc_file', 1],
  ['encode_proto', 'message_type', 2],
  ['encode_zlib', 'compression_level', 1],
  ['encrypt', 'algorithm', 1],
  ['find_enrichment_table_records', 'table', 0],
  ['find_enrichment_table_records', 'case_sensitive', 3],
  ['flatten', 'except', 2],
  ['from_unix_timestamp', 'unit', 1],
  ['get_enrichment_table_record', 'table', 0],
  ['get_enrichment_table_record', 'case_sensitive', 3],
  ['haversine', 'measurement_unit', 4],
  ['hmac', 'algorithm', 2],
  ['http_request', 'http_proxy', 4],
  ['http_request', 'https_proxy', 5],
  ['is_json', 'variant', 1],
  ['kebabcase', 'original_case', 1],
  ['log', 'level', 1],
  ['match_any', 'patterns', 1],
  ['match_datadog_query', 'query', 1],
  ['mod', 'modulus', 1],
  ['parse_apache_log', 'format', 1],
  ['parse_bytes', 'base', 2],
  ['parse_etld', 'psl', 2],
  ['parse_grok', 'pattern', 1],
  ['parse_groks', 'patterns', 1],
  ['parse_groks', 'aliases', 2],
  ['parse_groks', 'alias_sources', 3],
  ['parse_key_value', 'whitespace', 3],
  ['parse_nginx_log', 'format', 1],
  ['parse_proto', 'desc_file', 1],
  ['parse_proto', 'message_type', 2],
  ['parse_user_agent', 'mode', 1],
  ['pascalcase', 'original_case', 1],
  ['random_bytes', 'length', 0],
  ['random_float', 'min', 0],
  ['random_float', 'max', 1],
  ['random_int', 'min', 0],
  ['random_int', 'max', 1],
  ['redact', 'filters', 1],
  ['redact', 'redactor', 2],
  ['screamingsnakecase', 'original_case', 1],
  ['set_semantic_meaning', 'meaning', 1],
  ['sha2', 'variant', 1],
  ['sha3', 'variant', 1],
  ['shannon_entropy', 'segmentation', 1],
  ['snakecase', 'original_case', 1],
  ['snakecase', 'excluded_boundaries', 2],
  ['to_unix_timestamp', 'unit', 1],
  ['validate_json_schema', 'schema_definition', 1],
  ['xxhash', 'variant', 1],
];

const ROWS_OF = Map.groupBy(CONSTANT_ARGUMENTS, ([name]) => name);

/** A bracket that is open: of a call, whose function and which of its arguments. */
type Open = {
  rows: readonly Row[];
  place: number;
  name: string | undefined;
  /** Within it nothing may be known only later, as it is in such an argument itself. */
  isConstant: boolean;
};

/**
 * For each token of a program whether the compiler must know what stands there. Undefined for a program that hands a
 * variable on to such an argument: any value of it may be meant.
 */
export const constantsIn = (tokens: readonly VrlToken[]): readonly boolean[] | undefined => {
  const code = tokens.filter(({ kind }) => kind !== 'newline' && kind !== 'comment');
  const open: Open[] = [];
  const known = new Map<VrlToken, boolean>();
  for (const [at, token] of code.entries()) {
    const { text, kind } = token;
    const here = open.at(-1);
    if (kind === 'symbol' && CLOSES.test(text)) open.pop();
    const isConstant = here !== undefined && isKnown(here);
    known.set(token, isConstant);
    if (isConstant && isVariable(code, at)) return undefined;
    if (kind === 'symbol' && OPENS.test(text)) {
      const rows = text === '(' ? (ROWS_OF.get(calledAt(code, at)) ?? []) : [];
      open.push({ rows, place: 0, name: undefined, isConstant });
    } else if (here !== undefined && text === ',') {
      here.place += 1;
      here.name = undefined;
    } else if (here !== undefined && kind === 'name' && code[at + 1]?.text === ':') here.name = text;
  }
  return tokens.map((token) => known.get(token) ?? false);
};

const OPENS = /^[([{]$/;
const CLOSES = /^[)\]}]$/;

const isKnown = ({ rows, place, name, isConstant }: Open): boolean =>
  isConstant || rows.some(([, argument, at]) => (name === undefined ? at === place : argument === name));

/** The function that a bracket calls: `f(`, `f!(`. */
const calledAt = (code: readonly VrlToken[], bracket: number): string => {
  const before = code[bracket - 1];
  const name = before?.text === '!' ? code[bracket - 2] : before;
  return name?.kind === 'name' ? name.text : '';
};

/** A name of its own: no function, no argument's name, no part of a path, no word of the language. */
const isVariable = (code: readonly VrlToken[], at: number): boolean => {
  const { kind, text, start } = code[at] as VrlToken;
  const before = code[at - 1];
  const after = code[at + 1];
  const isSegment = before !== undefined && before.end === start && /^[.%]$/.test(before.text);
  const isCall = after?.text === '(' || (after?.text === '!' && code[at + 2]?.text === '(');
  return kind === 'name' && !isSegment && !isCall && after?.text !== ':' && !/^(?:true|false|null)$/.test(text);
};
