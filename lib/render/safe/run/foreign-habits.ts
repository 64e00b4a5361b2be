/** What is wrong with a tag, and what to write instead. */
export type HabitAdvice = { message: string; advice: string };

/** How a block of another language is written here, by its first word. */
export const blockAdvice = (word: string): string => {
  if (/^(?:raw|endraw)$/.test(word)) return 'write \\{{ field }} to leave braces to Vector';
  if (/^(?:for|endfor|range)$/.test(word)) return 'write {{#each list}} … {{this}} … {{/each}}';
  if (/^(?:set|assign|capture)$/.test(word)) return 'write {{#with value as |name|}} … {{/with}}';
  if (/^(?:include|import|macro|template|define|block)$/.test(word))
    return 'write {{> name}}, which puts partials/name.hbs';
  if (word === 'with') return 'write {{#with value}} … {{/with}}';
  return 'write {{#if x}} … {{else}} … {{/if}}';
};

const fault = (what: string, language: string, advice: string): HabitAdvice => ({
  message: `${what} is ${language}, not Handlebars`,
  advice,
});

/** The words of Go's and Jinja's blocks; with something behind them no template of nvl's can mean a value of that name. */
const BLOCK_WORDS =
  /^[-~]?\s*(if|elif|elsif|else\s+if|for|range|with|define|template|block|include|set|let|var|unless|case|switch)\s+(?=\S)/;

/** What people write by the habit of other template languages: each says what it knows of the inside of a `{{ }}`. */
export const habits: readonly ((inner: string) => HabitAdvice | undefined)[] = [
  (inner) => {
    if (!/^-|\s-$/.test(inner)) return undefined;
    const rest = inner.replace(/^-\s*|\s*-$/g, '');
    const word = /^(\w+)\s+\S/.exec(rest)?.[1];
    const advice = word !== undefined && BLOCK_WORDS.test(rest) ? blockAdvice(word) : `write {{~${rest.trim()}~}}`;
    return fault('a - that trims white space', 'Go or Jinja', `${advice}; a ~ beside the braces trims`);
  },
  (inner) => {
    const word = BLOCK_WORDS.exec(inner.trimStart())?.[1];
    // `{{else if x}}` is Handlebars.
    if (word === undefined || /^else\s/.test(word)) return undefined;
    return fault(`{{ ${word} … }}`, 'Go or Jinja', blockAdvice(word));
  },
  (inner) =>
    /^\s*(?:end|endif|endfor|endwith|endunless|fi|endset|endraw|endblock)\s*$/.test(inner)
      ? fault(`{{ ${inner.trim()} }}`, 'Go or Jinja', 'close a block by its own name: {{/if}}, {{/each}}, {{/with}}')
      : undefined,
  (inner) =>
    /^\s*=\S*\s+\S*=\s*$/.test(inner)
      ? {
          message: 'other delimiters are Mustache, and Handlebars has none',
          advice: 'write \\{{ field }} to leave braces to Vector',
        }
      : undefined,
  (inner) => {
    const name = /^\s*\$?(\w+)\s*:?=\s*(?!=)/.exec(inner)?.[1];
    if (name === undefined || /^\s*[#^/>]/.test(inner)) return undefined;
    return fault('an assignment', 'Go or Jinja', `write {{#with value as |${name}|}} … {{${name}}} … {{/with}}`);
  },
  (inner) => {
    const arrow = /([\w.]+)\s*(->|=>|::|\?\.)\s*(\w+)/.exec(withoutTexts(inner));
    if (arrow === null || /^\s*#?>/.test(inner)) return undefined;
    const [, from, sign, name] = arrow;
    return { message: `${sign} is no way to a value in Handlebars`, advice: `write ${from}.${name}` };
  },
  (inner) => {
    const operator = /===?|!==?|<=|>=|&&|\|\||<|>/.exec(withoutTexts(inner))?.[0];
    if (operator === undefined || /^\s*#?>/.test(inner)) return undefined;
    const helper = OPERATORS[operator] ?? 'eq';
    return { message: `Handlebars has no operator ${operator}`, advice: `write {{#if (${helper} a b)}} … {{/if}}` };
  },
  (inner) => {
    const plain = withoutTexts(inner);
    if (/\bas\s+\|[^|]*\|\s*~?$/.test(plain) || !/\|/.test(plain)) return undefined;
    const name = /\|\s*(\w+)/.exec(plain)?.[1] ?? '';
    const value =
      (plain.split('|')[0] ?? '')
        .trim()
        .replace(/^[#^]\s*\w+\s*/, '')
        .replace(/^\./, '') || 'value';
    const helper = FILTERS[name.toLowerCase()];
    const call =
      helper === undefined ? `{{helper ${value}}}` : `{{${helper} ${value}${NEEDS_MORE.has(helper) ? ' …' : ''}}}`;
    return { message: `a pipe (| ${name}) is Go or Jinja, not Handlebars`, advice: `write ${call}` };
  },
  (inner) => {
    const found = /(?:^|[\s(])(\.[A-Za-z_]\w*(?:\.\w+)*)/.exec(withoutTexts(inner))?.[1];
    if (found === undefined) return undefined;
    const [first = '', ...rest] = found.slice(1).split('.');
    const name = [first.charAt(0).toLowerCase() + first.slice(1), ...rest].join('.');
    return fault(
      `${found}, with a dot before the name,`,
      'Go',
      `write {{${name}}}, if that is the name; docs/context.md lists them`,
    );
  },
  (inner) => {
    const [, path, key] = /([A-Za-z_]\w*(?:\.\w+)*)\.?\[\s*["']([^"']+)["']\s*\]/.exec(inner) ?? [];
    return path === undefined
      ? undefined
      : { message: `${path}["${key}"] is not Handlebars`, advice: `write {{${path}.[${key}]}}` };
  },
  (inner) => {
    const variable = /(?:^|\s)\$(\w+)/.exec(withoutTexts(inner))?.[1];
    return variable === undefined
      ? undefined
      : fault(`$${variable}`, 'Go', `write {{${variable}}}; {{#with value as |${variable}|}} gives a name`);
  },
  (inner) => {
    const [, value, condition] = /^\s*(?!else\s)([\w."']+)\s+if\s+(\S+)/.exec(inner) ?? [];
    return value === undefined
      ? undefined
      : fault('a condition behind a value', 'Jinja', `write {{#if ${condition}}}{{${value}}}{{/if}}`);
  },
  (inner) => {
    const [, name, value] = /^\s*([A-Za-z_]\w*)\(\s*([^()]*)\)\s*$/.exec(inner) ?? [];
    return name === undefined
      ? undefined
      : {
          message: `${name}(…) is not how Handlebars calls a helper`,
          advice: `write {{${name} ${value?.replaceAll(',', ' ').replaceAll(/\s+/g, ' ').trim()}}}`,
        };
  },
  (inner) => {
    const [, name] =
      /^\s*(key|secret|env|service|services|keyOrDefault|printf|print|toYaml|toJson|toJSON|index|len|quote|squote|tpl|required|indent|nindent|trim|trimSpace|toLower|toUpper|ternary|coalesce|hasKey|dict|list)\s+(?=\S)/.exec(
        inner,
      ) ?? [];
    if (name === undefined) return undefined;
    const helper = FILTERS[name.toLowerCase()];
    const instead =
      name === 'index'
        ? '{{lookup meta "key"}}'
        : helper === undefined
          ? 'a helper of docs/helpers.md'
          : `{{${helper} value}}`;
    return fault(`{{ ${name} … }}`, 'consul-template or Helm', `write ${instead}`);
  },
];

/** Helpers that take more than the value. */
const NEEDS_MORE: ReadonlySet<string> = new Set(['default', 'join', 'replace']);

/** nvl's helpers by what others call them. */
const FILTERS: Readonly<Record<string, string>> = {
  toupper: 'upper',
  upper: 'upper',
  upcase: 'upper',
  tolower: 'lower',
  lower: 'lower',
  downcase: 'lower',
  default: 'default',
  d: 'default',
  coalesce: 'default',
  join: 'join',
  replace: 'replace',
  replaceall: 'replace',
  tojson: 'json',
  to_json: 'json',
  json: 'json',
  tojsonpretty: 'json',
  contains: 'contains',
};

const OPERATORS: Readonly<Record<string, string>> = {
  '==': 'eq',
  '===': 'eq',
  '!=': 'ne',
  '!==': 'ne',
  '<': 'lt',
  '<=': 'le',
  '>': 'gt',
  '>=': 'ge',
  '&&': 'and',
  '||': 'or',
};

/** Quoted texts and bracketed names, in which anything may stand, hidden. */
export const withoutTexts = (inner: string): string => inner.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`|\[[^\]]*\]/g, '""');
