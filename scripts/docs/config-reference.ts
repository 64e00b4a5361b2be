import { type ConfigOption, toOption } from '../../lib/config/options.ts';
import { sections } from '../../lib/config/shape.ts';

/** The reference page of the configuration, in Markdown, with every key of the schema. */
export const configReference = (): string =>
  [
    OPENING,
    ...sections().map(({ name, description, keys }) => {
      const rows = keys.map((key) => row(toOption(key)));
      const isSection = keys[0]?.name !== name;
      const above = isSection ? [description] : [];
      const below = name === 'rules' ? [A_RULE] : [];
      return [`## ${name}`, ...above, [...HEAD, ...rows].join('\n'), ...below].join('\n\n');
    }),
    '',
  ]
    .join('\n\n')
    .replace(/\n+$/, '\n');

const HEAD = ['| key | what it says | takes | default | flag | variable |', '|---|---|---|---|---|---|'];

const row = (option: ConfigOption): string => {
  const { key, description, env, meta } = option;
  const isSet = option.default !== undefined;
  const cells = [
    code(key),
    description,
    takes(option),
    isSet ? code(option.default ?? '') : (meta.otherwise ?? 'not set'),
    option.flag === undefined ? 'none' : code(option.flag),
    code(env),
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
};

const takes = ({ kind, choices, argument = '' }: ConfigOption): string => {
  if (choices !== undefined) return choices.map(code).join(', ');
  switch (kind) {
    case 'boolean':
      return '`true`, `false`';
    case 'words':
      return 'a list of words';
    case 'pairs':
      return 'names with values';
    case 'rules':
      return 'a list of rules';
    case 'text':
      return IN_WORDS[argument] ?? argument.slice(1, -1);
  }
};

const IN_WORDS: Readonly<Record<string, string>> = { '<addr>': 'URL', '<url>': 'URL', '<dir>': 'folder' };

const code = (text: string): string => `\`${text}\``;

const OPENING = `# Configuration

Every key that nvl knows. All have a default or may be left out: nvl also runs without any configuration.

## Where it is found

With \`-c FILE\` (or the variable \`NVL_CONFIG\`) nvl reads that file, which then has to be there. Otherwise it takes the first of

\`nvl.yaml\`, \`nvl.yml\`, \`nvl.toml\`, \`nvl.json\`, \`.nvlrc\` (YAML or JSON), \`.nvlrc.yaml\`, \`.nvlrc.yml\`, \`.nvlrc.json\`, \`.nvlrc.toml\`

in the working directory, then in each folder above it up to the project's root (the first that holds \`.git\` or \`package.json\`;
without one, as far up as nobody but the owner and the group may write to the folder), then \`nvl.yaml\`, \`nvl.yml\`, \`nvl.toml\` or \`nvl.json\` in
\`/etc/nvl\`. One file counts; files are not merged. It is data: nothing in it is run.

## What counts

A flag counts before its variable, the variable before the file, the file before the default. An empty variable is not set, and neither is
a key of a file without a value (\`null\`). Relative paths in a file are meant from the file's folder, those of flags and variables from the
working directory.

- Durations have a unit: \`500ms\`, \`30s\`, \`1m30s\`, \`1.5h\`, \`24h\`, \`7d\`. A bare number is an error.
- A yes/no has two flags, \`--collect-self\` and \`--no-collect-self\`. Variables take what Go takes: \`true\`, \`false\`, \`1\`, \`0\`, \`t\`, \`f\`.
- Lists of words, in flags and variables, are separated by blanks, or a JSON list: \`["systemctl", "reload", "vector"]\`.
- Names with values, in flags and variables, are \`NAME=value\` separated by blanks, or a JSON object. Rules are JSON there.
- Nomad's own flags and variables mean what they mean to \`nomad\`, and take one dash or two. \`NOMAD_NAMESPACE\` filters nothing: inside a
  task it is the namespace of nvl's own job.
- Of \`nomad.token\` and \`nomad.tokenFile\` the one that counts more is taken: a flag's before a variable's before the file's. Of two variables
  it is \`NVL_NOMAD_TOKEN_FILE\`.

All faults are listed at once, each with its line, its variable or its flag:

\`\`\`text
nvl: the configuration has 2 faults
  nvl.yaml:12      collect.removalDelay: "5" has no unit; write "5s" for seconds
  --reload-method  reload.method: "sig" is not one of auto, signal, command, watch, none; did you mean "signal"?
\`\`\`

## An example

\`\`\`yaml
nomad:
  address: https://127.0.0.1:4646
  caCert: tls/ca.pem
  tokenFile: /secrets/nomad_token
collect:
  removalDelay: 1m
  backfill: since:12h
templates: ./templates
rules:
  - match: { job: web-*, driver: docker }
    profile: nginx
  - match:
      namespace: payments
      meta: { lang: java }
    profile: java
    params: { level: warn }
vector:
  args: [--config, /etc/vector/vector.yaml]
reload:
  timeout: 1m
\`\`\``;

const A_RULE = `In a rule, \`match\` holds globs by \`namespace\`, \`job\`, \`group\`, \`task\`, \`driver\` and \`meta\` (a mapping of its own, from meta key to glob). All of them have to match;
an empty \`match\` takes every task. \`profile\` names the profile, \`params\` sets what the profile declares. The first rule that matches counts.`;
