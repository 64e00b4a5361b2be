/**
 * What Vector (0.57) logged about the components of one task: level and words, without the time, the span and the rate
 * limit, each once, the stem of the components as `{{id}}`. Pure.
 */
export const wordsAbout = ({ id, lines }: { id: string; lines: readonly string[] }): string[] => {
  const own = lines.filter((line) => line.includes(`component_id=${id} `) || line.includes(`component_id=${id}_`));
  return [...new Set(own.map((line) => wordsOf(line).replaceAll(id, '{{id}}')))];
};

/** `<time> <level> <span>{…}: <module>: <words>` */
const wordsOf = (line: string): string => {
  const [, level, words] = /^\S+ +([A-Z]+) .*?\}: [\w:]+: (.*)$/.exec(line) ?? [];
  return level === undefined || words === undefined
    ? line
    : `${level} ${words.replace(/ internal_log_rate_limit=\S+$/, '')}`;
};
