/** A rule that no test can miss: `file` is how the path of its template ends, `rule` how its words begin. */
export type Unmissed = { file: string; rule: string; why: string };

/** The entry that lists a rule of the template at `path`. Pure. */
export const unmissedBy = ({ path, rule }: { path: string; rule: string }): Unmissed | undefined =>
  UNMISSED.find((one) => path.endsWith(one.file) && rule.startsWith(one.rule));

/** What every template may have. */
export const EVERY_FILE = '.hbs';

const inEach = (why: string, rules: readonly string[]): Unmissed[] =>
  rules.map((rule) => ({ file: EVERY_FILE, rule, why }));

const inSamples = (why: string, rules: Readonly<Record<string, readonly string[]>>): Unmissed[] =>
  Object.entries(rules).flatMap(([sample, own]) =>
    own.map((rule) => ({ file: `/${sample}/transform.toml.hbs`, rule, why })),
  );

const inPartials = (why: string, rules: Readonly<Record<string, readonly string[]>>): Unmissed[] =>
  Object.entries(rules).flatMap(([name, own]) => own.map((rule) => ({ file: `/nvl/${name}.hbs`, rule, why })));

/** What changes no event, each with the reason. A rule that can never matter is none of these: it is to be deleted. */
export const UNMISSED: readonly Unmissed[] = [
  ...inEach(
    'It removes metadata, and no sink is given any.',
    ['client', 'head', 'last', 'line', 'query', 'rails', 'trace', 'traced'].map((name) => `without del(%${name})`),
  ),
  ...inEach('It saves a look: where there is no word there is no level, and where there is no text no time.', [
    'if said != null is always true',
    'if is_timed is always true',
  ]),
  ...inSamples('It saves work: where this says no, what is behind it finds nothing either.', {
    apache: [
      String.raw`if contains(text, "] \"") is always true`,
      String.raw`&& match(text, r'^(?:AH|\()') has no say`,
      'if contains(to_string(%line.message) ?? "", ", referer: ") is always true',
    ],
    caddy: [
      "if match(text, r'^[0-9]') is always true",
      String.raw`if match(join(keys(fields), "\n") ?? "", r'(?m)^(?:ts|level|logger|msg)$') is always true`,
      'if is_object(%line.request) is always true',
    ],
    coredns: ['if contains(text, "] plugin/errors: ") is always true', 'if exists(%query.rcode) is always true'],
    envoy: [
      String.raw`if match(text, r'^\[[0-9-]+ ') is always true`,
      String.raw`if match(text, r'\s"\s+"') is always true`,
    ],
    go: [
      'if contains(raw, "WARNING: DATA RACE") is always true',
      String.raw`if contains(text, "\n") || starts_with(text, "goroutine ") is always true`,
      '&& contains(line, ".go:") has no say',
      "&& match(text, r'^(?:panic|fatal|SIG|runtime|unexpected|=)') has no say",
    ],
    haproxy: [
      "if match(text, r'^(?:<|1 |[0-9]{4}-|[A-Z][a-z]{2} )') is always true",
      String.raw`if contains(text, "\"") is always true`,
      "&& match(text, r'/[0-9]{1,9}$') has no say",
      'if starts_with(text, "[") is always true',
      'if contains(said, "/") is always true',
      "if match(text, r'[ /]-0*1[ /]') is always true",
    ],
    hclog: [
      'if is_string(%head.text) && contains(string(%head.text) ?? "", "=") is always true',
      '&& contains(string(%head.text) ?? "", "=") has no say',
      'if is_string(body.pairs) is always true',
      String.raw`if starts_with(value, "\"") is always true`,
      String.raw`if starts_with(value, "\n") is always true`,
      'if exists(rest.caller) || exists(rest.module) is always true',
    ],
    java: [
      String.raw`if contains(text, "\n") is always true`,
      "if match(line, r'^[A-Z]') is always true",
      String.raw`&& match(line, r'^[0-9\[]') has no say`,
      'if !contains(stated, " ") is always false',
      'if exists(%trace.stack_trace) is always true',
    ],
    json: ['if is_empty(%line) is always true'],
    klog: ['if stamp != "" is always true'],
    logfmt: [
      String.raw`if contains(text, "\\") is always true`,
      String.raw`if match(text, r'[\x00-\x1f]') is always true`,
    ],
    mysql: ['if contains(said, " ") is always true'],
    nats: ['if contains(to_string(%line.text) ?? "", " - ") is always true'],
    nginx: ['if exists(%line.pid) is always true'],
    node: ['if head.body != null is always true'],
    postgres: [
      "if match(text, r'^(?:< ?)?[0-9]{4}-') is always true",
      '&& contains(text, "user=") has no say',
      "&& match(text, r'^[0-9]{4}-') has no say",
      `if clock != "" && !match(zone, r'^(?:UTC|GMT|[+-].*)$') is always true`,
      "&& !match(zone, r'^(?:UTC|GMT|[+-].*)$') has no say",
      "r'^(?:UTC|GMT|[+-].*)$' fits nothing",
    ],
    python: [
      'if exists(%trace.stack_trace) is always true',
      'if starts_with(line, "INFO: ") is always true',
      "&& match(line, r'^[0-9A-Z]') has no say",
      String.raw`&& match(line, r'^[^ \n]') has no say`,
      'if stated == "" is always false',
      'if exists(%head.status) is always true',
      'if exists(%head.size) is always true',
    ],
    rabbitmq: [String.raw`if match(said, r':[0-9]{2}(?:\.[0-9]+)?$') is always true`],
    redact: ["if match(text, r'(?i-u:pass|pwd|secret|"],
    redis: ["if match(said, r'[A-SU-Ya-su-y]') is always true"],
    ruby: [
      "if match(text, r' (?:tid=|TID-)') is always true",
      String.raw`&& match(text, r'^[^ ]+ - |^[\[P*!U=-]|: ') has no say`,
      String.raw`if match(body, r'^(?:\[| |Started |`,
      'if tags != "" is always true',
      'if contains(body, " (") is always true',
      '&& contains(body, ":in ") has no say',
      'if said == "" || contains(said, " ") || ends_with(said, "Z") is always false',
      '|| contains(said, " ") has no say',
      '|| ends_with(said, "Z") has no say',
      'if is_rails || traced != null is always true',
      'if %head.pairs != null || id != {} is always true',
    ],
    rust: ['if head.body != null is always true'],
    syslog: [
      "if match(text, r'^(?:<[0-9]{1,3}>)?(?:[A-Z][a-z]{2} |[0-9]{4}-)') is always true",
      "&& match(text, r'^[A-Z]') has no say",
      '&& starts_with(text, "<") has no say',
    ],
    traefik: [
      "if match(text, r'^[0-9-]+T') is always true",
      "if match(names, r'(?m)^(?:client|user|",
      "if match(names, r'(?m)^(?:Client(?:Host",
      "if match(name, r'^(?:Client[HU]",
      String.raw`if match(text, r'[:=] *"(?:\s|\\[fnrtu])') is always true`,
    ],
    zookeeper: [
      String.raw`if is_string(%line.text) && contains(string(%line.text) ?? "", "\n") is always true`,
      String.raw`&& contains(string(%line.text) ?? "", "\n") has no say`,
    ],
  }),
  ...inSamples('It saves work: the long pattern makes the same of what this short one knows.', {
    dotnet: [
      String.raw`if contains(raw, "\n") && !match(raw, r'^(?:[0-9TZ:./`,
      "&& !match(raw, r'^(?:[0-9TZ:./",
      String.raw`r'^(?:[0-9TZ:./,\[\]() +m;\x1b-]|[AP]M)*(?:trce|dbug|info|warn|fail|crit)(?:\x1b\[[0-9;…`,
    ],
    java: [
      String.raw`if contains(text, "\n") && !match(text, r'^[0-9\[][^\n]*\n`,
      String.raw`&& !match(text, r'^[0-9\[][^\n]*\n`,
      String.raw`r'^[0-9\[][^\n]*\n`,
    ],
    python: [
      String.raw`if contains(text, "\n") && !match(text, r'^[^ \t\r\n][^\n]*\nTraceback`,
      String.raw`&& !match(text, r'^[^ \t\r\n][^\n]*\nTraceback`,
      String.raw`r'^[^ \t\r\n][^\n]*\nTraceback`,
    ],
  }),
  ...inSamples('It saves work: an event that is not parted is the same when it is put together again.', {
    go: ['if length(reports) > 1 is always true', 'if came != {} is always true'],
    java: ['if length(events) > 1 is always true'],
    node: ['if led == {} is always false', 'if length(lines) > 1 is always true'],
    php: [String.raw`if contains(string(.message) ?? "", "\n") is always true`],
    python: ['if length(events) > 1 is always true'],
    ruby: [String.raw`if contains(string(.message) ?? "", "\n") is always true`],
    rust: ['if length(lines) > 1 is always true'],
  }),
  ...inPartials('It saves work: where this says no, what is behind it finds nothing either.', {
    fields: [String.raw`if match(names, r'(?m)^(?:$|\.)|\.(?:\.|$)') is always true`],
    level: ['if !contains("|trace|debug|info|notice|warn|error|'],
    time: ['if is_integer(said) || is_float(said) is always true'],
  }),
  ...inPartials('VRL asks for a value where none can be missing.', { yearless: ['?? now() is not tried'] }),
  ...inPartials(
    'No test of a sample knows which year it is. test/render/shipped-partials.test.ts does, and turns red.',
    { yearless: ['if to_unix_timestamp(timestamp(local) ?? now()) > tomorrow is always true'] },
  ),
  ...inSamples('VRL asks for a value where none can be missing.', {
    postgres: ['?? now() is not tried'],
  }),
];
