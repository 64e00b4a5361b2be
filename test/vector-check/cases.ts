/** A configuration that both are asked of, named after what it has that others have not. */
export type Case = { name: string; text: string; format: 'toml' | 'yaml' | 'json' };

const SOURCE = '[sources.in]\ntype = "demo_logs"\nformat = "json"\n';
const SINK = '[sinks.out]\ntype = "blackhole"\ninputs = ["in"]\n';

/** A sink that reads these, behind the source; then whatever else there is. */
const reading = (inputs: string, ...more: string[]): string =>
  [SOURCE, `[sinks.out]\ntype = "blackhole"\ninputs = [${inputs}]\n`, ...more].join('\n');

const transform = (options: string, { id = 't', inputs = '"in"' }: { id?: string; inputs?: string } = {}): string =>
  `[transforms.${id}]\ninputs = [${inputs}]\n${options}\n`;

/** The source and the sink, which need each other only, and one more thing. */
const beside = (...more: string[]): string => [SOURCE, SINK, ...more].join('\n');

const sink = (options: string, { inputs = '"in"' }: { inputs?: string } = {}): string =>
  `${SOURCE}\n[sinks.out]\ninputs = [${inputs}]\n${options}\n`;

const source = (options: string): string => `[sources.in]\n${options}\n\n${SINK}`;

const table = (options: string, id = 'tab'): string => `[enrichment_tables.${id}]\n${options}\n`;

const FILTER = 'type = "filter"\ncondition = "true"';
const ROUTE = 'type = "route"\nroute.web = ".a == 1"\nroute."two.dots" = { type = "vrl", source = "true" }';
const EXCLUSIVE =
  'type = "exclusive_route"\nroutes = [{ name = "web", condition = "true" }, { name = "db", condition = "false" }]';
const LOKI = 'type = "loki"\nendpoint = "http://127.0.0.1:3100"\nlabels.job = "{{ job }}"\nencoding.codec = "json"';
const ELASTIC = 'type = "elasticsearch"\nendpoints = ["http://127.0.0.1:9200"]';
const FILE_TABLE = 'type = "file"\nfile.path = "/nowhere.csv"\nfile.encoding.type = "csv"';
const METRICS = '[sources.in]\ntype = "internal_metrics"\n';

const CASES: Readonly<Record<string, string>> = {
  'a source and a sink': beside(),
  'nothing at all': '',
  'no source': '[sinks.out]\ntype = "blackhole"\ninputs = ["in"]\n',
  'no sink': SOURCE,
  'an option of nobody beside the components': `foo = 1\n${beside()}`,
  'a table of nobody beside the components': beside('[foo]\nx = 1\n'),
  'global options': `data_dir = "/tmp"\ntimezone = "Europe/Berlin"\n${beside('[api]\nenabled = true\naddress = "127.0.0.1:8686"\n[schema]\nlog_namespace = false\n')}`,
  'a global option that Vector does not know': beside('[api]\nenable = true\n'),
  'a global option of the wrong kind': beside('[healthchecks]\nenabled = "yes"\n'),
  'sources that are no table': `sources = 1\n${SINK}`,
  'a sink that is no table': `${SOURCE}[sinks]\nout = 1\n`,
  'a key twice': beside('[sinks.out]\n'),
  'a text that is not closed': beside('[transforms.t]\ntype = "remap\n'),
  'a byte order mark, and lines as Windows ends them': `\ufeff${beside().replaceAll('\n', '\r\n')}`,
  'a comma behind the last of an inline table': beside(
    transform('type = "filter"\ncondition = { type = "vrl", source = "true", }'),
  ),
  'an escape that only TOML 1.1 has': beside(
    transform('type = "remap"\nsource = ".a = 1 # \\\\x41"'.replace('\\\\', '\\')),
  ),

  'a file source with all that nvl writes': source(
    'type = "file"\ninclude = ["/nowhere/*"]\nread_from = "beginning"\nmax_line_bytes = 1_048_576\nhost_key = ""\nglob_minimum_cooldown_ms = 150\nfingerprint.strategy = "device_and_inode"',
  ),
  'options by their older names': source(
    'type = "file"\ninclude = ["/nowhere/*"]\nfingerprinting.strategy = "device_and_inode"\nignore_older = 60\nglob_minimum_cooldown = 1000\nremove_after = 60\nacknowledgements = true',
  ),
  'an option and its older name': source(
    'type = "file"\ninclude = ["/nowhere/*"]\nfingerprinting.strategy = "device_and_inode"\nfingerprint.strategy = "device_and_inode"',
  ),
  'a list that is a text': source('type = "file"\ninclude = "/nowhere/*"'),
  'a list of numbers where texts belong': source('type = "file"\ninclude = [1]'),
  'an option that is missing': source('type = "file"'),
  'an option that nobody knows': source('type = "file"\ninclude = ["/nowhere"]\ninclud = ["/x"]'),
  'a number that is a text': source('type = "file"\ninclude = ["/nowhere"]\nmax_line_bytes = "1024"'),
  'a number below nothing': source('type = "file"\ninclude = ["/nowhere"]\nmax_line_bytes = -1'),
  'a number with a fraction where a whole one belongs': source(
    'type = "file"\ninclude = ["/nowhere"]\nmax_line_bytes = 1.5',
  ),
  'a number with a point and no fraction': beside(transform('type = "throttle"\nthreshold = 5.0\nwindow_secs = 1')),
  'true or false as a text': source('type = "file"\ninclude = ["/nowhere"]\noldest_first = "true"'),
  'a choice that there is not': source('type = "file"\ninclude = ["/nowhere"]\nread_from = "start"'),
  'a choice in other letters': source('type = "file"\ninclude = ["/nowhere"]\nread_from = "Beginning"'),
  'a choice with options of its own': source(
    'type = "file"\ninclude = ["/nowhere"]\nfingerprint = { strategy = "checksum", lines = 2, ignored_header_bytes = 4 }',
  ),
  'a choice with options of another': source(
    'type = "file"\ninclude = ["/nowhere"]\nfingerprint = { strategy = "device_and_inode", lines = 2 }',
  ),
  'a choice that is not made': source('type = "file"\ninclude = ["/nowhere"]\nfingerprint.lines = 2'),
  'a table whose option is missing': source(
    'type = "file"\ninclude = ["/nowhere"]\nmultiline = { start_pattern = "^x", mode = "halt_before", timeout_ms = 100 }',
  ),
  'joined lines': source(
    'type = "file"\ninclude = ["/nowhere"]\nmultiline = { start_pattern = "^x", condition_pattern = "^y", mode = "halt_before", timeout_ms = 100 }',
  ),
  'a pattern that is none': source(
    'type = "file"\ninclude = ["/nowhere"]\nmultiline = { start_pattern = "(", condition_pattern = "^y", mode = "halt_before", timeout_ms = 100 }',
  ),
  'inputs of a source that refuses what it does not know': source('type = "stdin"\ninputs = ["in"]'),
  'inputs of a source that ignores what it does not know': source(
    'type = "demo_logs"\nformat = "json"\ninputs = ["q"]',
  ),
  'a source of docker': source('type = "docker_logs"\ninclude_containers = ["web-1"]'),
  'a source of the journal': source('type = "journald"\ninclude_matches._SYSTEMD_UNIT = ["web.service"]'),
  'a map of texts where lists belong': source('type = "journald"\ninclude_matches._SYSTEMD_UNIT = "web.service"'),
  'an address with a port': source('type = "http_server"\naddress = "127.0.0.1:8080"\ndecoding.codec = "json"'),
  'an address with a name': source('type = "http_server"\naddress = "localhost:8080"'),
  'a socket by its mode': source('type = "socket"\nmode = "unix"\npath = "/nowhere.sock"'),
  'a socket without its mode': source('type = "socket"\naddress = "127.0.0.1:9000"'),
  'a codec’s own options': source('type = "stdin"\ndecoding = { codec = "vrl", vrl.source = "." }'),
  'a codec that only another build has': source('type = "stdin"\ndecoding.codec = "syslog"'),
  'a delimiter of two characters': source(
    'type = "stdin"\nframing = { method = "character_delimited", character_delimited.delimiter = "ab" }',
  ),
  'a type without a name': '[sources.in]\n\n[sinks.out]\ntype = "blackhole"\ninputs = ["in"]\n',
  'a type that is a number': source('type = 1'),
  'a type in other letters': sink('type = "Blackhole"'),
  'a type that is nearly one': sink('type = "consol"\nencoding.codec = "json"'),
  'a type that no Vector has': sink('type = "carrier_pigeon"\nwings = 2'),
  'a type that another build has': sink(
    'type = "kafka"\nbootstrap_servers = "x:1"\ntopic = "t"\nencoding.codec = "json"',
  ),
  'two sources of the standard input':
    '[sources.in]\ntype = "stdin"\n[sources.other]\ntype = "stdin"\n[sinks.out]\ntype = "blackhole"\ninputs = ["in", "other"]\n',

  'a console': sink('type = "console"\nencoding.codec = "json"'),
  'a codec that there is not': sink('type = "console"\nencoding.codec = "jsn"'),
  'a codec as a text': sink('type = "console"\nencoding = "json"'),
  'a sink without its encoding': sink('type = "console"'),
  'an option that Vector ignores': sink('type = "console"\nencoding = { codec = "json", json.prety = true }'),
  loki: sink(
    `${LOKI}\nacknowledgements.enabled = true\nbatch = { max_bytes = 1000, timeout_secs = 0.5 }\nbuffer = { type = "disk", max_size = 268435488, when_full = "block" }\nrequest.concurrency = "adaptive"\ncompression = "snappy"\nout_of_order_action = "accept"\nremove_timestamp = false\ntenant_id = "{{ tenant }}"\nauth = { strategy = "basic", user = "u", password = "p" }\ntls.verify_certificate = false`,
  ),
  'loki without labels': sink('type = "loki"\nendpoint = "http://127.0.0.1:3100"\nencoding.codec = "json"'),
  'loki with a slip': sink(`${LOKI}\nendpont = "x"`),
  'labels that are numbers': sink(`${LOKI}\nlabels.port = 1`),
  'a concurrency that is neither a number nor a word for one': sink(`${LOKI}\nrequest.concurrency = "many"`),
  'a concurrency that is a number': sink(`${LOKI}\nrequest.concurrency = 4`),
  'a disk buffer that is too small': sink(`${LOKI}\nbuffer = { type = "disk", max_size = 1000 }`),
  'a disk buffer of nine exabytes': sink(`${LOKI}\nbuffer = { type = "disk", max_size = 9223372036854775807 }`),
  'a disk buffer without a size': sink(`${LOKI}\nbuffer = { type = "disk" }`),
  'two buffers': sink(
    `${LOKI}\nbuffer = [{ type = "memory", max_events = 5, when_full = "overflow" }, { type = "memory", max_events = 9 }]`,
  ),
  'a buffer for events and bytes': sink(`${LOKI}\nbuffer = { type = "memory", max_events = 5, max_size = 1000 }`),
  'acknowledgements as true': sink(`${LOKI}\nacknowledgements = true`),
  'acknowledgements as a text': sink(`${LOKI}\nacknowledgements = "on"`),
  'certificates by their older names': sink(`${LOKI}\ntls = { ca_path = "/x", crt_path = "/x", key_path = "/x" }`),
  'certificates by both their names': sink(`${LOKI}\ntls = { ca_path = "/x", ca_file = "/x" }`),
  'a way to log in that there is not': sink(`${LOKI}\nauth = { strategy = "digest", user = "u", password = "p" }`),
  'a way to log in without its token': sink(`${LOKI}\nauth.strategy = "bearer"`),
  elasticsearch: sink(
    `${ELASTIC}\nmode = "data_stream"\ndata_stream = { type = "logs", dataset = "nomad", namespace = "{{ ns }}" }\napi_version = "v8"\nquery.x = "y"\nbulk.action = "create"\nencoding.except_fields = ["a.b"]`,
  ),
  'elasticsearch by its older mode': sink(`${ELASTIC}\nmode = "normal"`),
  'elasticsearch with one host as a text': sink('type = "elasticsearch"\nendpoints = "http://127.0.0.1:9200"'),
  'elasticsearch with Amazon’s way to log in': sink(`${ELASTIC}\nauth.strategy = "aws"\naws.region = "eu"`),
  'elasticsearch with a slip in its index': sink(`${ELASTIC}\nbulk.indx = "x"`),
  'a file': sink('type = "file"\npath = "/tmp/x-%Y.log"\nencoding.codec = "text"\ncompression = "gzip"'),
  'an endpoint that is none': sink(LOKI.replace('127.0.0.1:3100', 'a b')),
  'a field’s name that is none': sink(`${LOKI}\nencoding.only_fields = ["a b"]`),
  'compression with a level': sink(
    'type = "http"\nuri = "http://x/"\nencoding.codec = "json"\ncompression = { algorithm = "gzip", level = 6 }',
  ),
  'compression that there is not': sink(
    'type = "http"\nuri = "http://x/"\nencoding.codec = "json"\ncompression = "lzma"',
  ),
  'a sink of metrics': `${METRICS}[sinks.out]\ntype = "prometheus_exporter"\ninputs = ["in"]\naddress = "127.0.0.1:9598"\nnamespace = "x"\n`,
  'a sink without inputs': `${SOURCE}[sinks.out]\ntype = "blackhole"\n`,
  'a sink with an empty list of inputs': sink('type = "blackhole"', { inputs: '' }),
  'a sink whose input is a text': `${SOURCE}[sinks.out]\ntype = "blackhole"\ninputs = "in"\n`,

  'an input that there is not': reading('"inn"'),
  'an input twice': reading('"in", "in"'),
  'an input by its name and by a pattern': reading('"in", "i*"'),
  'a pattern that matches': reading('"i*"'),
  'a pattern that matches nothing': reading('"q*"'),
  'a pattern that may match nothing': `wildcard_matching = "relaxed"\n${reading('"in", "q*"')}`,
  'a name that may not match nothing': `wildcard_matching = "relaxed"\n${reading('"in", "q"')}`,
  'a question mark': reading('"?n"'),
  'a class': reading('"[h-j]n"'),
  'a class that excludes': reading('"[!i]n"'),
  'two stars': reading('"**"'),
  'two stars in a name': reading('"in**"'),
  'a pattern that cannot be read': reading('"in["'),
  'a name that is a pattern that cannot be read':
    '[sources."in["]\ntype = "demo_logs"\nformat = "json"\n[sinks.out]\ntype = "blackhole"\ninputs = ["in["]\n',
  'a sink that reads a sink': beside('[sinks.two]\ntype = "blackhole"\ninputs = ["out"]\n'),
  'a transform that nobody reads': beside(transform(FILTER)),
  'a dot in a name': `${SOURCE}[sinks."a.b"]\ntype = "blackhole"\ninputs = ["in"]\n`,
  'blanks, slashes and nothing in names': `${SOURCE}[sinks."a b"]\ntype = "blackhole"\ninputs = ["in"]\n[sinks."a/b"]\ntype = "blackhole"\ninputs = ["in"]\n[sinks.""]\ntype = "blackhole"\ninputs = ["in"]\n`,
  'a dot in the name of a table': beside(table(FILE_TABLE, '"a.b"')),
  'a source and a sink of one name': `${SOURCE}[sinks.in]\ntype = "blackhole"\ninputs = ["in"]\n`,
  'a transform and a sink of one name': beside(transform(FILTER, { id: 'out' })),
  'a table with the name of a source': beside(table(FILE_TABLE, 'in')),
  'logs where metrics are taken': `${SOURCE}[sinks.out]\ntype = "prometheus_exporter"\ninputs = ["in"]\n`,
  'metrics where logs are taken': `${METRICS}[sinks.out]\n${LOKI}\ninputs = ["in"]\n`,
  'metrics through a transform that may give all': `${METRICS}${transform('type = "remap"\nsource = ".a = 1"')}[sinks.out]\n${LOKI}\ninputs = ["t"]\n`,
  'metrics made of logs': `${reading('"t"', transform('type = "log_to_metric"\nmetrics = [{ type = "counter", field = "a" }]'))}`,
  'metrics made of metrics': `${METRICS}${transform('type = "log_to_metric"\nmetrics = [{ type = "counter", field = "a" }]')}[sinks.out]\ntype = "blackhole"\ninputs = ["t"]\n`,

  'a circle that a sink reads': reading(
    '"a"',
    transform(FILTER, { id: 'a', inputs: '"in", "b"' }),
    transform(FILTER, { id: 'b', inputs: '"a"' }),
  ),
  'a circle that no sink reads': beside(
    transform(FILTER, { id: 'a', inputs: '"b"' }),
    transform(FILTER, { id: 'b', inputs: '"a"' }),
  ),
  'a circle of three behind a transform': reading(
    '"a"',
    transform(FILTER, { id: 'a', inputs: '"in"' }),
    transform(FILTER, { id: 'b', inputs: '"a", "d"' }),
    transform(FILTER, { id: 'c', inputs: '"b"' }),
    transform(FILTER, { id: 'd', inputs: '"c"' }),
  ),
  'two ways to one transform': reading(
    '"d"',
    transform(FILTER, { id: 'd', inputs: '"b", "c"' }),
    transform(FILTER, { id: 'c', inputs: '"a"' }),
    transform(FILTER, { id: 'b', inputs: '"a"' }),
    transform(FILTER, { id: 'a' }),
  ),
  'a transform that reads itself': beside(transform(FILTER, { inputs: '"t"' })),
  'a pattern that matches the transform itself': beside(transform(FILTER, { inputs: '"*"' })),
  'a pattern that matches nothing but the transform itself': beside(transform(FILTER, { inputs: '"t*"' })),
  'a pattern that matches an output of the transform itself': beside(transform(ROUTE, { inputs: '"*"' })),

  'outputs of a route': reading('"t.web", "t.two.dots", "t._unmatched"', transform(ROUTE)),
  'outputs of a route by a pattern': reading('"t.*"', transform(ROUTE)),
  'a route by its own name': reading('"t"', transform(ROUTE)),
  'an output that a route has not': reading('"t.db"', transform(ROUTE)),
  'the rest of a route that keeps none': reading(
    '"t.web", "t._unmatched"',
    transform(`${ROUTE}\nreroute_unmatched = false`),
  ),
  'a route of a reserved name': beside(transform('type = "route"\nroute._unmatched = "true"')),
  'another route of a reserved name': beside(transform('type = "route"\nroute._default = "true"')),
  'a route without routes': beside(transform('type = "route"')),
  'a route of no routes': beside(transform('type = "route"\nroute = {}')),
  'a condition of another kind': beside(
    transform('type = "route"\nroute.logs.type = "is_log"\nroute.dd = { type = "datadog_search", source = "a:b" }'),
  ),
  'a condition of a kind that there is not': beside(transform('type = "route"\nroute.web.type = "is_web"')),
  'a condition that is true': beside(transform('type = "filter"\ncondition = true')),
  'a condition that does not compile': beside(transform('type = "filter"\ncondition = "("')),
  'outputs of an exclusive route': reading('"t.web", "t.db", "t._unmatched"', transform(EXCLUSIVE)),
  'an output that an exclusive route has not': reading('"t.other"', transform(EXCLUSIVE)),
  'two exclusive routes of one name': beside(
    transform(
      'type = "exclusive_route"\nroutes = [{ name = "a", condition = "true" }, { name = "a", condition = "true" }]',
    ),
  ),
  'an exclusive route without a condition': beside(transform('type = "exclusive_route"\nroutes = [{ name = "a" }]')),
  'an exclusive route of a reserved name': beside(
    transform('type = "exclusive_route"\nroutes = [{ name = "_default", condition = "true" }]'),
  ),
  'what a remap drops': reading(
    '"t", "t.dropped"',
    transform('type = "remap"\nsource = ".a = 1"\nreroute_dropped = true\ndrop_on_error = true'),
  ),
  'what a remap does not drop': reading('"t.dropped"', transform('type = "remap"\nsource = ".a = 1"')),
  'a remap without a program': beside(transform('type = "remap"')),
  'a remap with two programs': beside(transform('type = "remap"\nsource = "."\nfile = "/nowhere.vrl"')),
  'a remap whose file is not there': beside(transform('type = "remap"\nfile = "/nowhere.vrl"')),
  'a remap that does not compile': beside(transform('type = "remap"\nsource = ".a = "')),
  'a remap with a slip': beside(transform('type = "remap"\nsorce = ".a = 1"')),
  'a remap whose program is a number': beside(transform('type = "remap"\nsource = 1')),
  'a transform without inputs': beside('[transforms.t]\ntype = "remap"\nsource = "."\n'),
  'a reduce that begins and ends': beside(transform('type = "reduce"\nstarts_when = "true"\nends_when = "true"')),
  'a reduce': beside(
    transform(
      'type = "reduce"\ngroup_by = ["file"]\nstarts_when = "true"\nexpire_after_ms = 1000\nmax_events = 100\nmerge_strategies.message = "concat_newline"',
    ),
  ),
  'a reduce with a way to merge that there is not': beside(
    transform('type = "reduce"\nmerge_strategies.message = "glue"'),
  ),
  'a reduce of no events': beside(transform('type = "reduce"\nmax_events = 0')),
  'a sample without a rate': beside(transform('type = "sample"')),
  'a sample of a rate and a ratio': beside(transform('type = "sample"\nrate = 10\nratio = 0.1')),
  'a sample of every tenth': beside(transform('type = "sample"\nrate = 10\nexclude = ".level == \\"error\\""')),
  'a sample of every event but none': beside(transform('type = "sample"\nrate = 0')),
  'a sample of less than nothing': beside(transform('type = "sample"\nratio = -0.5')),
  'a sample of more than all': beside(transform('type = "sample"\nratio = 1.5')),
  'a throttle': beside(transform('type = "throttle"\nthreshold = 100\nwindow_secs = 1\nkey_field = "{{ file }}"')),
  'a throttle of nothing': beside(transform('type = "throttle"\nthreshold = 0\nwindow_secs = 1')),
  'a throttle of more than fits': beside(transform('type = "throttle"\nthreshold = 4294967296\nwindow_secs = 1')),
  'a dedupe': beside(transform('type = "dedupe"\nfields.match = ["message"]\ncache.num_events = 100')),
  'a dedupe by two ways': beside(transform('type = "dedupe"\nfields = { match = ["a"], ignore = ["b"] }')),

  'a table of a file': beside(table(`${FILE_TABLE}\nschema.a = "integer"`)),
  'a table without its encoding': beside(table('type = "file"\nfile.path = "/x.csv"')),
  'a table that only another build has': beside(table('type = "geoip"\npath = "/x.mmdb"')),
  'a table in memory': beside(table('type = "memory"\ninputs = ["in"]\nttl = 60')),
  'a table in memory that reads a pattern': beside(table('type = "memory"\ninputs = ["i*"]')),
  'a table in memory that reads what there is not': beside(table('type = "memory"\ninputs = ["q"]')),
  'a table in memory that is read': reading(
    '"in", "src"',
    table('type = "memory"\ninputs = ["in"]\nsource_config = { source_key = "src", export_interval = 5 }'),
  ),
  'a table in memory that is read by its own name': reading('"tab"', table('type = "memory"\ninputs = ["in"]')),
  'a table in memory that is read by a pattern': reading(
    '"in", "sr*"',
    table('type = "memory"\ninputs = ["in"]\nsource_config.source_key = "src"'),
  ),
  'what a table in memory forgets': reading(
    '"src.expired"',
    table('type = "memory"\ninputs = ["in"]\nsource_config = { source_key = "src", export_expired_items = true }'),
  ),
  'a table in memory with the name of a source': beside(table('type = "memory"\ninputs = ["in"]', 'in')),
};

/** Whatever writes logs or metrics alone, into whatever takes some of them. */
const TYPE_CASES: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    aggregate: 'type = "aggregate"',
    dedupe: 'type = "dedupe"',
    log_to_metric: 'type = "log_to_metric"\nall_metrics = true\nmetrics = []',
    metric_to_log: 'type = "metric_to_log"',
    reduce: 'type = "reduce"',
    sample: 'type = "sample"\nrate = 2',
    throttle: 'type = "throttle"\nthreshold = 1\nwindow_secs = 1',
    filter: FILTER,
  }).flatMap(([type, options]) => [
    [`logs into ${type}`, beside(transform(options))],
    [`metrics into ${type}`, `${METRICS}${SINK}${transform(options)}`],
    [`what ${type} gives to loki`, `${SOURCE}${SINK}${transform(options)}[sinks.l]\n${LOKI}\ninputs = ["t"]\n`],
    [
      `what ${type} gives to prometheus`,
      `${SOURCE}${SINK}${transform(options)}[sinks.p]\ntype = "prometheus_exporter"\ninputs = ["t"]\n`,
    ],
  ]),
);

const MORE_TYPES: Readonly<Record<string, string>> = {
  'metrics into elasticsearch': `${METRICS}[sinks.out]\n${ELASTIC}\ninputs = ["in"]\n`,
  'metrics into a table in memory': `${METRICS}${SINK}${table('type = "memory"\ninputs = ["in"]')}`,
  'logs into a remote write': sink('type = "prometheus_remote_write"\nendpoint = "http://127.0.0.1:9090"'),
  'metrics into a remote write': `${METRICS}[sinks.out]\ntype = "prometheus_remote_write"\nendpoint = "http://127.0.0.1:9090"\ninputs = ["in"]\n`,
  'static metrics into loki': `[sinks.out]\n${LOKI}\ninputs = ["in"]\n[sources.in]\ntype = "static_metrics"\nmetrics = [{ name = "a", kind = "absolute", value.gauge.value = 1, tags = {} }]\n`,
};

const YAML_SOURCE = 'sources:\n  in: {type: demo_logs, format: json}\n';
const YAML_SINK = 'sinks:\n  out: {type: blackhole, inputs: [in]}\n';

/** A value as a text and as a number: a label of Loki, and a rate. */
const scalar = (label: string, rate = '1'): string =>
  `${YAML_SOURCE}sinks:\n  out: {type: blackhole, inputs: [in], rate: ${rate}}\n  loki: {type: loki, inputs: [in], endpoint: "http://x", encoding: {codec: json}, labels: {a: ${label}}}\n`;

const YAML_CASES: Readonly<Record<string, string>> = {
  YAML: YAML_SOURCE + YAML_SINK,
  'YAML without anything': '',
  'YAML of a comment': '# nothing\n',
  'YAML that is a list': '- 1\n',
  'YAML with a key twice': `${YAML_SOURCE}sinks:\n  out: {type: blackhole, inputs: [in], inputs: [in]}\n`,
  'YAML of two documents': `${YAML_SOURCE}${YAML_SINK}---\na: 1\n`,
  'YAML with a merge key': `sources:\n  in: &one {type: demo_logs, format: json}\n  two: {<<: *one, interval: 2}\n${YAML_SINK}`,
  'YAML with an anchor of nobody': `${YAML_SOURCE}sinks:\n  out: *nobody\n`,
  'YAML with a table of nothing': `${YAML_SOURCE}${YAML_SINK}transforms:\n`,
  'YAML with a component of nothing': `${YAML_SOURCE}sinks:\n  out:\n`,
  'YAML with an option of nothing': `${YAML_SOURCE}sinks:\n  out: {type: blackhole, inputs: [in], rate: ~}\n`,
  'YAML with a number for a name': `${YAML_SOURCE}sinks:\n  1: {type: blackhole, inputs: [in]}\n`,
  ...Object.fromEntries(
    [
      '7',
      '007',
      '-007',
      '0o7',
      '+0o7',
      '0b1',
      '0x1f',
      '-0x1f',
      '0X1F',
      '1_000',
      '.5',
      '1e3',
      '1e400',
      '.inf',
      'yes',
      'true',
      '2024-01-01',
      '"7"',
    ].map((value) => [`YAML with ${value} where a text belongs`, scalar(value)]),
  ),
  ...Object.fromEntries(
    ['7', '07', '0o7', '0b11', '0x1f', '1_000', '"7"', '1.5', 'yes'].map((value) => [
      `YAML with ${value} where a number belongs`,
      scalar('x', value),
    ]),
  ),
};

const JSON_CASES: Readonly<Record<string, string>> = {
  JSON: '{"sources": {"in": {"type": "demo_logs", "format": "json"}}, "sinks": {"out": {"type": "blackhole", "inputs": ["in"]}}}',
  'JSON with a null':
    '{"sources": {"in": {"type": "demo_logs", "format": "json"}}, "sinks": {"out": {"type": "blackhole", "inputs": ["in"], "rate": null}}}',
  'JSON with a comment': '{"sources": {} /* none */}',
  'JSON that is a list': '[]',
};

const casesOf = (texts: Readonly<Record<string, string>>, format: Case['format']): Case[] =>
  Object.entries(texts).map(([name, text]) => ({ name, text, format }));

export const cases: readonly Case[] = [
  ...casesOf({ ...CASES, ...TYPE_CASES, ...MORE_TYPES }, 'toml'),
  ...casesOf(YAML_CASES, 'yaml'),
  ...casesOf(JSON_CASES, 'json'),
];

/** What Vector refuses and nvl's check does not see, each with its reason. */
export const UNSEEN: Readonly<Record<string, string>> = {
  'a comma behind the last of an inline table': 'nvl reads TOML 1.1, Vector 1.0',
  'an escape that only TOML 1.1 has': 'nvl reads TOML 1.1, Vector 1.0',
  'a number with a point and no fraction': 'JavaScript has one kind of number: 5.0 comes as 5',
  'a codec that only another build has': 'the reader’s Vector may have it',
  'elasticsearch with Amazon’s way to log in': 'the reader’s Vector may have it',
  'a type that another build has': 'the reader’s Vector may have it',
  'a table that only another build has': 'the reader’s Vector may have it',
  'a type that no Vector has': 'a newer Vector may have it; it is a note',
  'two sources of the standard input': 'what a component claims for itself alone is not known',
  'an endpoint that is none': 'a text is a text',
  'a field’s name that is none': 'a text is a text',
  'a buffer for events and bytes': 'of tables without a name to choose between them all options are taken',
  'a condition that does not compile': 'VRL is compiled by others',
  'a remap that does not compile': 'VRL is compiled by others',
  'a remap whose file is not there': 'no file is read',
  'YAML with a number for a name': 'its text is taken for the name',
};
