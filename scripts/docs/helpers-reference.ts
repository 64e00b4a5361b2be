/** What each helper gives, for people: docs/helpers.md is made from this, and a test holds it to the helpers there are. */
export const HELPER_DOCS: Readonly<Record<string, { call: string; gives: string }>> = {
  eq: { call: 'eq a b', gives: 'whether both are the same' },
  ne: { call: 'ne a b', gives: 'whether they differ' },
  lt: { call: 'lt a b', gives: 'whether a is less: numbers as numbers, all else as texts' },
  le: { call: 'le a b', gives: 'whether a is not more' },
  gt: { call: 'gt a b', gives: 'whether a is more' },
  ge: { call: 'ge a b', gives: 'whether a is not less' },
  and: { call: 'and a b …', gives: 'whether all are true; an empty list is false, as for `if`' },
  or: { call: 'or a b …', gives: 'whether any is true' },
  not: { call: 'not a', gives: 'whether it is false' },
  default: { call: 'default a b …', gives: 'the first that is neither missing, null nor empty' },
  concat: { call: 'concat a b …', gives: 'all of them as one text' },
  join: { call: 'join list ", "', gives: 'the items as one text; a comma between them when nothing is named' },
  json: { call: 'json value', gives: 'the value as JSON text' },
  lower: { call: 'lower text', gives: 'the text in small letters' },
  upper: { call: 'upper text', gives: 'the text in capitals' },
  replace: { call: 'replace text from to', gives: 'the text with every `from` replaced' },
  startsWith: { call: 'startsWith text start', gives: 'whether it begins so' },
  endsWith: { call: 'endsWith text end', gives: 'whether it ends so' },
  contains: { call: 'contains text-or-list part', gives: 'whether the part is in it' },
  duration: { call: 'duration ms', gives: 'milliseconds as text: `90000` is `1m30s`' },
};

/** docs/helpers.md. Pure. */
export const helpersReference = (): string =>
  [
    '# Helpers of templates',
    '',
    "Beside Handlebars' own `if`, `unless`, `each`, `with` and `lookup`. They take raw values and are for values and sub-expressions, as in",
    '`{{#if (eq task.driver "docker")}}`; none is a block helper. `raw` works only in profiles whose `profile.yaml` says `raw: true`.',
    'This page is made from the code: `npx vitest run test/render/helpers-reference.test.ts -u` writes it anew.',
    '',
    '| helper | gives |',
    '|---|---|',
    ...Object.values(HELPER_DOCS).map(({ call, gives }) => `| \`${call}\` | ${gives} |`),
    '',
  ].join('\n');
