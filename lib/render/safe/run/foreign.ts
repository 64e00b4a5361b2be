/** What stands in a template in the way of another template language, and how it is written here. From 1. */
export type Foreign = { line: number; column: number; written: string; message: string; advice: string };

/**
 * Finds what a person writes by the habit of another template language (Go, Jinja, ERB), and literals that Handlebars would
 * take for names of fields, and render as nothing: `{{ "{{" }}`, which keeps Vector's braces in Helm, would ship every
 * job under one empty label. What Handlebars and nvl's helpers read as it was meant is none of it. `given`: names that the
 * callers of a partial give it.
 */
export const findForeign = (text: string, given: ReadonlySet<string> = new Set()): Foreign[] => {
  const lineStarts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)];
  const found: Foreign[] = [];
  const add = (index: number, written: string, fault: Fault): void => {
    const line = lineStarts.findLastIndex((start) => start <= index) + 1;
    found.push({ line, column: index - (lineStarts[line - 1] ?? 0) + 1, written, ...fault });
  };
  let skipTo = 0;
  let depth = 0;
  for (const match of text.matchAll(tags)) {
    const { 0: written, index } = match;
    const inner = match.groups?.inner;
    if (index < skipTo || isOwn.test(written)) continue;
    if (inner === undefined) {
      add(index, written, otherLanguage(written));
      continue;
    }
    depth += /^\s*[#^]\s*[^\s~]/.test(inner) ? 1 : /^\s*\//.test(inner) ? -1 : 0;
    if (depth > deepest || parensIn(inner) > deepest) {
      const what = depth > deepest ? 'blocks' : 'sub-expressions';
      add(index, written, {
        message: `its ${what} are nested over ${deepest} levels deep`,
        advice: 'part it into partials, or into fewer levels',
      });
      return found;
    }
    const literal = literalOf(inner);
    if (literal !== undefined) {
      const idiom = bracesIdiom({ text, literal, end: index + written.length });
      skipTo = idiom?.end ?? 0;
      add(index, text.slice(index, skipTo || index + written.length), literalFault({ literal, idiom, written }));
      continue;
    }
    const fault = habits.map((habit) => habit(inner)).find((habit) => habit !== undefined);
    if (fault !== undefined && !given.has(inner.trim()) && !isLocal(inner.trim(), text)) add(index, written, fault);
  }
  return found;
};

/** Handlebars takes minutes to compile what is nested thousands of levels deep, or overflows its stack. */
const deepest = 64;

const parensIn = (inner: string): number => {
  let open = 0;
  let most = 0;
  for (const [sign] of inner.matchAll(/[()]/g)) {
    open += sign === '(' ? 1 : -1;
    most = Math.max(most, open);
  }
  return most;
};

/** A name that a block of the template itself gives, as in `as |end|`. */
const isLocal = (name: string, text: string): boolean =>
  /^\w+$/.test(name) && new RegExp(`\\bas\\s+\\|[^|]*\\b${name}\\b[^|]*\\|`).test(text);

/** The names that templates give to the partials that they call: `{{> rule end="x"}}`. */
export const givenNames = (texts: readonly string[]): ReadonlySet<string> =>
  new Set(
    texts.flatMap((text) =>
      [...text.matchAll(/\{\{~?#?>((?:"[^"]*"|'[^']*'|[^}"'])*)\}\}/g)].flatMap(([, inner = '']) =>
        [...withoutTexts(inner).matchAll(/(?<=\s)(\w+)\s*=/g)].map(([, name = '']) => name),
      ),
    ),
  );

type Fault = { message: string; advice: string };

/**
 * Everything that could be a tag: escaped braces, comments and raw blocks of Handlebars; `{{ }}` with the quoted texts in
 * it; tags of Jinja and ERB.
 */
const tags =
  /\\\\(?=\{\{)|\\\{\{|\{\{~?!--[\s\S]*?--~?\}\}|\{\{~?!(?:(?!\}\})[\s\S])*\}\}|\{\{\{\{[\s\S]*?\{\{\{\{\/[^}]*\}\}\}\}|\{\{\{?~?(?<inner>(?:"[^"\n]*"|'[^'\n]*'|`[^`\n]*`|(?!\}\})[^{]|\{(?!\{))*)\}\}\}?|\{%[-+]?\s*(?:if|elif|else|endif|for|endfor|set|raw|endraw|block|endblock|include|import|macro|endmacro|filter|assign|capture|case|unless|endunless)\b[^%\n]*%\}|\{#[^\n]*?#\}|<%[=#-]?[^\n]*?%>|\[\[-?\s+(?:\.|\$|var\s)[^\]\n]*\]\]/g;

/** Handlebars' own escapes, comments and raw blocks. */
const isOwn = /^(?:\\|\{\{~?!|\{\{\{\{)/;

const otherLanguage = (written: string): Fault => {
  if (written.startsWith('[['))
    return { message: `${written} is no tag of Handlebars`, advice: 'write {{name}} for a value' };
  if (written.startsWith('<%'))
    return {
      message: `${written} is ERB, not Handlebars`,
      advice: 'write {{name}} for a value, {{#if x}} … {{/if}} for a condition',
    };
  if (written.startsWith('{#'))
    return { message: `${written} is Jinja, not Handlebars`, advice: 'write {{! … }} for a comment' };
  const word = /^\{%[-+]?\s*(\w+)/.exec(written)?.[1] ?? '';
  return { message: `${written} is Jinja, not Handlebars`, advice: blockAdvice(word) };
};

const blockAdvice = (word: string): string => {
  if (/^(?:raw|endraw)$/.test(word)) return 'write \\{{ field }} to leave braces to Vector';
  if (/^(?:for|endfor|range)$/.test(word)) return 'write {{#each list}} … {{this}} … {{/each}}';
  if (/^(?:set|assign|capture)$/.test(word)) return 'write {{#with value as |name|}} … {{/with}}';
  if (/^(?:include|import|macro|template|define|block)$/.test(word))
    return 'write {{> name}}, which puts partials/name.hbs';
  if (word === 'with') return 'write {{#with value}} … {{/with}}';
  return 'write {{#if x}} … {{else}} … {{/if}}';
};

type Literal = { value: string; isText: boolean };

const literalOf = (inner: string): Literal | undefined => {
  const text = /^[&\s]*(?:"([^"]*)"|'([^']*)'|`([^`]*)`)\s*~?\s*$/.exec(inner);
  if (text) return { value: text[1] ?? text[2] ?? text[3] ?? '', isText: true };
  const bare = /^[&\s]*(-?\d+(?:\.\d+)?|true|false|null|undefined)\s*~?\s*$/.exec(inner);
  return bare?.[1] === undefined ? undefined : { value: bare[1], isText: false };
};

type Idiom = { field: string; end: number };

/** `{{ "{{" }} field {{ "}}" }}` or `{{ "{{ field }}" }}`: braces that are meant for Vector. */
const bracesIdiom = ({ text, literal, end }: { text: string; literal: Literal; end: number }): Idiom | undefined => {
  const whole = /^\{\{-?\s*([^{}]+?)\s*-?\}\}$/.exec(literal.value);
  if (whole?.[1] !== undefined) return { field: whole[1], end };
  if (!/^\{\{-?$/.test(literal.value.trim())) return undefined;
  const closing = /^([^{}\n]*)\{\{\s*(["'`])\s*-?\}\}\s*\2\s*\}\}/.exec(text.slice(end));
  return closing?.[1] === undefined ? undefined : { field: closing[1].trim(), end: end + closing[0].length };
};

const literalFault = ({
  literal: { value, isText },
  idiom,
  written,
}: {
  literal: Literal;
  idiom: Idiom | undefined;
  written: string;
}): Fault => {
  const message = `${written} is a literal, which Handlebars would take for the name of a field`;
  if (idiom !== undefined) return { message, advice: `write \\{{ ${idiom.field} }} to leave the braces to Vector` };
  if (/[{}]{2}/.test(value)) return { message, advice: 'write \\{{ field }} to leave the braces to Vector' };
  const plain = `${value === '' ? 'nothing' : value} without braces for the text itself`;
  if (!isText || !isPath.test(value)) return { message, advice: `write ${plain}` };
  return { message, advice: `write {{${value}}} for nvl’s value, \\{{ ${value} }} to leave it to Vector, or ${plain}` };
};

const isPath = /^[A-Za-z_][\w.]*$/;

const fault = (what: string, language: string, advice: string): Fault => ({
  message: `${what} is ${language}, not Handlebars`,
  advice,
});

/** The words of Go's and Jinja's blocks; with something behind them no template of nvl's can mean a value of that name. */
const blockWords =
  /^[-~]?\s*(if|elif|elsif|else\s+if|for|range|with|define|template|block|include|set|let|var|unless|case|switch)\s+(?=\S)/;

/** Each says what it knows of the inside of a `{{ }}`. */
const habits: readonly ((inner: string) => Fault | undefined)[] = [
  (inner) => {
    if (!/^-|\s-$/.test(inner)) return undefined;
    const rest = inner.replace(/^-\s*|\s*-$/g, '');
    const word = /^(\w+)\s+\S/.exec(rest)?.[1];
    const advice = word !== undefined && blockWords.test(rest) ? blockAdvice(word) : `write {{~${rest.trim()}~}}`;
    return fault('a - that trims white space', 'Go or Jinja', `${advice}; a ~ beside the braces trims`);
  },
  (inner) => {
    const word = blockWords.exec(inner.trimStart())?.[1];
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
    const operator = /===?|!==?|<=|>=|&&|\|\||<|>/.exec(withoutTexts(inner))?.[0];
    if (operator === undefined || /^\s*#?>/.test(inner)) return undefined;
    const helper = operators[operator] ?? 'eq';
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
    const helper = filters[name.toLowerCase()];
    const call =
      helper === undefined ? `{{helper ${value}}}` : `{{${helper} ${value}${needsMore.has(helper) ? ' …' : ''}}}`;
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
    const helper = filters[name.toLowerCase()];
    const instead =
      name === 'index'
        ? '{{lookup meta "key"}}'
        : helper === undefined
          ? 'a helper of docs/helpers.md'
          : `{{${helper} value}}`;
    return fault(`{{ ${name} … }}`, 'consul-template or Helm', `write ${instead}`);
  },
];

const needsMore: ReadonlySet<string> = new Set(['default', 'join', 'replace']);

/** nvl's helpers by what others call them. */
const filters: Readonly<Record<string, string>> = {
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

const operators: Readonly<Record<string, string>> = {
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
const withoutTexts = (inner: string): string => inner.replaceAll(/"[^"]*"|'[^']*'|`[^`]*`|\[[^\]]*\]/g, '""');
