/** Takes what does not stand in a configuration file, but was put into it, out of what Vector says of it. */
export type Redact = (words: string) => string;

/**
 * Vector's reports quote the configuration after the values of variables (and, in a running Vector, those of its secret
 * backends) were put into it. Variables' values are known, and are hidden under their names; so are the pieces that a value
 * with quotes or spaces may come in. Secrets' values are not: where one may be quoted, nothing that is quoted is shown.
 * A text that stands in the files themselves hides nothing. Pure.
 */
export const createRedact = ({
  texts,
  env,
  isRunning = false,
}: {
  /** All files that Vector loads, as they lie on the disk. */
  texts: readonly string[];
  /** The environment, where Vector interpolates it. */
  env: Readonly<Record<string, string | undefined>> | undefined;
  /** The words are a running Vector's: only that one asks its secret backends. */
  isRunning?: boolean;
}): Redact => {
  const hidden = env === undefined ? [] : hiddenTexts({ texts, env });
  const hasSecrets = isRunning && texts.some((text) => SECRET.test(text));
  return (words) => {
    const shown = hidden.reduce(
      (text, { value, name }) => text.replaceAll(value, () => `<the value of ${name}>`),
      words,
    );
    return hasSecrets ? withoutQuotes(shown) : shown;
  };
};

/** `SECRET[backend.key]` (Vector 0.57, `config/loading/secret.rs`). */
export const SECRET = /SECRET\[\w+\.[\w.\-/]+\]/;

/** `$NAME` and `${NAME…}` (Vector 0.57, `config/vars.rs`). */
const VARIABLE = /\$\{?([\p{L}\p{M}\p{Nd}\p{Pc}.]+)/gu;

/** The longest first, so that a value is not left half hidden by one that is a part of it. */
const hiddenTexts = ({
  texts,
  env,
}: {
  texts: readonly string[];
  env: Readonly<Record<string, string | undefined>>;
}): { value: string; name: string }[] => {
  const names = new Set(texts.flatMap((text) => [...text.matchAll(VARIABLE)].map((match) => match[1] ?? '')));
  const isPlain = (part: string): boolean => texts.some((text) => text.includes(part));
  return [...names]
    .flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : formsOf(value).map((form) => ({ value: form, name }));
    })
    .filter(({ value }) => value.length >= SHORTEST && !isPlain(value))
    .sort((a, b) => b.value.length - a.value.length);
};

/** A shorter one is no secret, and to hide it would take line numbers and single letters out of every message. */
const SHORTEST = 3;
const SHORTEST_PIECE = 4;

/** A value as it stands, as Rust and JSON print it, as a URL holds it; and what is left of it where it breaks the syntax. */
const formsOf = (value: string): string[] => {
  const escaped = JSON.stringify(value).slice(1, -1);
  const lines = value.split(/[\r\n]+/);
  const pieces = value.split(/["'`\\\s,=#[\]{}()<>|]+/).filter((piece) => piece.length >= SHORTEST_PIECE);
  return [...new Set([value, value.trim(), escaped, encodeURIComponent(value), ...lines, ...pieces])];
};

/**
 * Lines of a file behind `12 |` (TOML) and `12 │` (VRL), and what is quoted, but for the names of components and what a log
 * line says of itself.
 */
const withoutQuotes = (words: string): string =>
  words
    .replaceAll(/^(\s*\d+ [|│]).*$/gm, '$1 …')
    .replaceAll(
      /((?:\b(?:source|transform|sink|table) |\b(?:path|reason|error_code|error_type|stage|changed_fields)=)?)("(?:[^"\\\n]|\\.)*"|`[^`\n]*`)/gi,
      (whole, known: string) => (known === '' ? '…' : whole),
    );
