/**
 * What Vector (0.57) logged about the components of one task: level and words, without the time, the span and the rate
 * limit, each once, the stem of the components as `{{id}}`. Pure.
 */
export const wordsAbout = ({ id, lines }: { id: string; lines: readonly string[] }): string[] => {
  const own = lines
    .filter((line) => line.includes(`component_id=${id} `) || line.includes(`component_id=${id}_`))
    .filter((line) => !line.includes(TAKEN_AWAY));
  return [...new Set(own.map((line) => wordsOf(line).replaceAll(id, '{{id}}')))];
};

/** What Vector says where a test takes a file away while it looks at it. */
const TAKEN_AWAY = 'error=No such file or directory (os error 2) error_code="reading_fingerprint"';

/** `<time> <level> <span>{…}: <module>: <words>`; a span may have another behind it. */
const wordsOf = (line: string): string => {
  const [, level, words] = /^\S+ +([A-Z]+) .*?\}:(?:\w+:)* [\w:]+: (.*)$/.exec(line) ?? [];
  return level === undefined || words === undefined
    ? line
    : `${level} ${words.replace(/ internal_log_rate_limit=\S+$/, '')}`;
};
