/** What a test does with a command that a page prints; `command` is the line without its comment. */
export type DocStep = { command: string } & (Run | NotRun);

type Run = {
  /** Stands in what the command writes to stdout and stderr. */
  prints?: RegExp;
  /** How it ends, where it is not 0. */
  exit?: number;
  /** It goes on until somebody ends it: it is told to once it has written what `prints` says. */
  goesOn?: true;
  /** In a new copy of what the page starts from, as it is another way to do what stands before it. */
  afresh?: true;
  notRun?: never;
};

/** Why a test can't run it, or need not. */
type NotRun = { notRun: string };

const MEASURES = { notRun: 'it measures for minutes' };
const NO_REGISTRY = { notRun: 'there is no Git server with templates; test/e2e/rollout.test.ts runs the job' };
const ABOVE = { notRun: 'it is run above, or on docs/operations.md' };
const README = { notRun: 'that of the README is run' };
const NO_PACK = { notRun: 'it needs nomad-pack; test/deploy/pack.test.ts renders the pack' };

/** The steps of a page, in its order. */
export const docSteps = (page: string): readonly DocStep[] => DOC_STEPS[page] ?? [];

/** Every command of every page, in the order of the page. `test/docs/commands.test.ts` holds it to be complete. */
export const DOC_STEPS: Readonly<Record<string, readonly DocStep[]>> = {
  'README.md': [
    { command: 'npm ci && npm run demo', prints: /What to do next/ },
    { command: 'npm pack', prints: /^nvl-\d+\.\d+\.\d+\.tgz$/m },
    { command: 'npm install -g ./nvl-0.1.0.tgz', prints: /added \d+ packages/ },
    { command: 'nvl doctor', prints: /nomad/ },
    { command: 'nvl render --dry-run', prints: /nomad_logs/ },
    {
      command: 'nvl run -- vector',
      goesOn: true,
      prints: /"message":"slow","nomad":\{[^}]*"job_name":"web"[^}]*"task_name":"server"/,
    },
    { command: 'nvl init logging --sink loki', prints: /wrote logging\/nvl\.yaml/ },
    { command: 'cd logging' },
    { command: 'cp -r "$(npm root -g)/nvl/templates/samples/logfmt" templates/profiles/' },
    { command: 'nvl test', prints: /passed/ },
    { command: `nvl tail web --where '.level == "error"'`, goesOn: true, prints: /ERROR/ },
    { command: 'nvl capture web/server -n 50', prints: /captured-web-server\.yaml/ },
    { command: 'npm ci && npm test', notRun: 'these are the tests' },
  ],
  'docs/benchmarks.md': [
    { command: 'npm run bench:scale -- --write', ...MEASURES },
    { command: 'npm run bench:throughput -- --write', ...MEASURES },
    { command: 'npm run bench:short -- --write', ...MEASURES },
    { command: 'npm run bench:pressure -- --write', ...MEASURES },
    { command: 'npm run bench:list -- --write', ...MEASURES },
    { command: 'npm run bench:render -- --write', ...MEASURES },
    { command: 'npm run bench:churn -- --write', ...MEASURES },
  ],
  'docs/ci.md': [
    { command: 'nomad job plan -json-output web.nomad.hcl | nvl review --plan -', prints: /web/ },
    { command: 'nomad job run -output web.nomad.hcl | nvl review --plan -', prints: /logfmt/ },
  ],
  'docs/live.md': [
    { command: 'nvl tail web', goesOn: true, prints: /ERROR/ },
    { command: `nvl tail web --where '.level == "error"'`, ...README },
    { command: 'nvl tail web/server -n 100 --stderr', goesOn: true, prints: /ERROR/ },
    {
      command: 'nvl tail web -n 1000 --no-follow --format json | jq .',
      prints: /"job_name": "web"/,
    },
    { command: 'nvl capture web/server', prints: /captured-web-server\.yaml/ },
    { command: 'nvl capture web -n 200 --redact rules.yaml', prints: /captured-web/, afresh: true },
    { command: 'nvl capture web --stdout --out -', prints: /level=/ },
    { command: 'nvl tap web', goesOn: true, prints: /before .*\n.*after/ },
    { command: `nvl tap web/server --where '(to_int(.status) ?? 0) >= 500'`, goesOn: true, prints: /status=500/ },
    { command: 'nvl tap web --with templates -n 20', prints: /with/ },
    { command: 'nvl tap web --dropped --format json | jq .', goesOn: true, prints: /"before"/ },
  ],
  'docs/migration.md': [
    { command: 'nvl migrate config.toml --vector base.toml --dry-run', prints: /read again/ },
    { command: 'nvl migrate config.toml --vector base.toml --out nvl', prints: /nvl\/nvl\.yaml/ },
    { command: 'nvl migrate vector.yaml --out nvl', prints: /nvl\/nvl\.yaml/, afresh: true },
    {
      command:
        'nvl migrate vector.yaml --positions /var/lib/vector -c nvl/nvl.yaml -- vector -c nvl/vector/vector.toml',
      notRun: 'it needs the positions of a Vector in /var/lib; test/e2e/migrate.test.ts takes over those of a real one',
    },
    { command: 'nvl context --record node.json' },
    // The job there has a profile that these templates have not.
    { command: 'nvl validate -c nvl/nvl.yaml --allocations node.json', prints: /Vector accepts it/, exit: 1 },
    { command: 'nvl doctor -c nvl/nvl.yaml', ...README },
    {
      command: 'nvl run -c nvl/nvl.yaml -- vector -c nvl/vector/base.toml',
      notRun: 'it writes to /var/lib; test/e2e/migrate.test.ts runs what was made',
    },
  ],
  'docs/modes.md': [
    { command: 'nvl sidecar web.nomad.hcl --dry-run', prints: /^\+.*nvl/m },
    { command: 'nvl sidecar web.nomad.hcl > web.json && nomad job run -json web.json', prints: /success|complete/i },
  ],
  'docs/operations.md': [
    { command: 'nvl status', prints: /reading/ },
    { command: 'nvl status web/server', prints: /web/ },
    { command: 'nvl status --json', prints: /"schema"/ },
    { command: 'nvl top', goesOn: true, prints: /^web +1 /m },
    { command: 'nvl top --by task --sort cpu --once', prints: /^web\/server +1 /m },
    {
      command:
        'nomad job run -var=nomad_addr=https://127.0.0.1:4646 -var=nomad_ca_cert=/etc/nomad.d/ca.pem -var=nomad_client_cert=/etc/nomad.d/cli.pem -var=nomad_client_key=/etc/nomad.d/cli-key.pem jobspecs/nvl.nomad.hcl',
      notRun: 'test/e2e/jobspecs.test.ts plans it',
    },
  ],
  'docs/rollout.md': [
    {
      command:
        "nomad job run -var=templates='git::https://git.example.com/logging.git//templates?ref=v12' -var=canary=10 jobspecs/nvl.nomad.hcl",
      ...NO_REGISTRY,
    },
    {
      command:
        "nomad job run -var=templates='git::https://git.example.com/logging.git//templates?ref=v13' -var=max_parallel=0 jobspecs/nvl.nomad.hcl",
      ...NO_REGISTRY,
    },
    { command: 'nomad system gc' },
  ],
  'docs/samples.md': [
    { command: 'cp -r "$(npm root -g)/nvl/templates/samples/logfmt" templates/profiles/' },
    { command: 'nvl test templates logfmt', prints: /passed/ },
  ],
  'docs/templates.md': [
    { command: 'nvl render --dry-run', prints: /nomad_logs/ },
    { command: 'nvl render --dry-run --allocations recordings/node.json' },
    { command: 'nvl test', prints: /passed/ },
    { command: 'nvl review main', notRun: 'test/e2e/review.test.ts runs it' },
  ],
  'docs/testing-profiles.md': [
    { command: 'nvl test', prints: /passed/ },
    { command: 'nvl test templates nginx', prints: /passed/ },
    { command: 'nvl test templates --update' },
    {
      command: 'nvl test --engine vector',
      notRun: 'test/engine/corpus.test.ts and test/e2e/samples.test.ts do so at length',
    },
    { command: 'nvl test --junit junit.xml', prints: /passed/ },
    { command: 'nvl test --coverage --min 90', notRun: 'test/coverage/command.test.ts runs it' },
  ],
  'docs/troubleshooting.md': [
    { command: 'nvl status', ...ABOVE },
    { command: 'nvl doctor', ...README },
    { command: 'nvl status web', prints: /web\/server [\s\S]*profile logfmt/ },
    { command: 'nvl explain web', prints: /profile +logfmt/ },
    { command: 'nvl tail web -n 5 --no-follow', prints: /ERROR/ },
    { command: 'nvl explain web', ...ABOVE },
    { command: 'nvl doctor', ...README },
    { command: 'nvl status', ...ABOVE },
    {
      command: 'curl -s http://127.0.0.1:4650/readyz',
      notRun: 'the port is not of a test; test/metrics/metrics.test.ts asks',
    },
    {
      command: "nvl status --json | jq '.list[] | {job, task, unreadBytes, bytesPerSecond, secondsOfSafety}'",
      prints: /"unreadBytes": \d+/,
    },
    { command: 'nvl top --by job --sort cpu --once', prints: /^web +1 /m },
    { command: 'nvl status', ...ABOVE },
    { command: 'nvl doctor', ...README },
  ],
  'packs/nvl/README.md': [
    { command: 'nomad-pack plan packs/nvl', ...NO_PACK },
    { command: 'nomad-pack run packs/nvl --var-file=production.hcl', ...NO_PACK },
  ],
};
