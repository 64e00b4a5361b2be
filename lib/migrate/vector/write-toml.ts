import { isTable, type Table } from '../../table.ts';

/**
 * A component or a global option in TOML, for people: a header, an option a line, longer tables under headers of their own, and
 * programs as they were written, line by line. Pure.
 */
export const writeToml = ({ path, options }: { path: readonly string[]; options: Table }): string => {
  const entries = Object.entries(options).filter(([, value]) => value !== undefined && value !== null);
  const isLarge = ([, value]: [string, unknown]): boolean => isTable(value) && Object.keys(value).length > 1;
  const own = entries.filter((entry) => !isLarge(entry));
  const header = path.length === 0 ? [] : [`[${path.map(keyText).join('.')}]`];
  return [
    ...(own.length > 0 || entries.length === 0
      ? [...header, ...own.flatMap(([key, value]) => lineOf([key], value))]
      : []),
    ...entries
      .filter(isLarge)
      .map(([key, value]) => `\n${writeToml({ path: [...path, key], options: value as Table })}`),
  ]
    .join('\n')
    .replace(/^\n/, '');
};

const keyText = (key: string): string => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));

/** A table of one key is a dotted key. */
const lineOf = (path: readonly string[], value: unknown): string[] => {
  const [entry, ...more] = isTable(value) ? Object.entries(value) : [];
  return entry !== undefined && more.length === 0
    ? lineOf([...path, entry[0]], entry[1])
    : [`${path.map(keyText).join('.')} = ${valueText(value)}`];
};

const valueText = (value: unknown): string => {
  if (typeof value === 'string') return stringText(value);
  if (Array.isArray(value)) return listText(value);
  if (isTable(value))
    return `{ ${Object.entries(value)
      .map(([key, item]) => `${keyText(key)} = ${valueText(item)}`)
      .join(', ')} }`;
  if (typeof value === 'number' && !Number.isFinite(value))
    return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  return String(value);
};

const listText = (items: readonly unknown[]): string => {
  const texts = items.filter((item) => item !== null && item !== undefined).map(valueText);
  const line = `[${texts.join(', ')}]`;
  return line.length <= 100 ? line : `[\n${texts.map((text) => `  ${text},\n`).join('')}]`;
};

/** Several lines stay several lines where TOML takes them as they are. */
const stringText = (text: string): string => {
  const isPlain = !text.includes("'''") && !/[^\t\n\u0020-\u007e\u00a0-\uffff]/.test(text) && !text.endsWith("'");
  if (text.includes('\n') && isPlain) return `'''\n${text}'''`;
  if (/["\\]/.test(text) && isPlain && !text.includes("'") && !text.includes('\n')) return `'${text}'`;
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
};
