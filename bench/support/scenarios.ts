import type { WriterJob } from '../../test/support/writer-job.ts';

/** One row of the table: what is done to the collector, and by which jobs. */
export type Scenario = {
  name: string;
  jobs: WriterJob[];
  /** Started before nvl is, and asked nothing of but to go on. */
  isOlder?: boolean;
  /** Stopped in the middle of the churn, the others at its end. */
  isStoppedEarly?: boolean;
  /** Stopped with a purge, which takes the allocation out of Nomad's lists while its task still runs. */
  isPurged?: boolean;
};

/** Everything that has lost, repeated or mislabelled a line somewhere before. `batchJobs` short ones are the churn itself. */
export const scenarios = ({ batchJobs }: { batchJobs: number }): Scenario[] => [
  {
    name: 'service older than nvl',
    jobs: [{ id: 'older', type: 'service', tasks: { app: { lines: 0, rate: 10 } } }],
    isOlder: true,
  },
  {
    name: `${batchJobs} short batch jobs`,
    // Every second one is over before anybody could look.
    jobs: Array.from({ length: batchJobs }, (_, index) => ({
      id: `batch-${index + 1}`,
      type: 'batch' as const,
      tasks: { app: { lines: 40, rate: index % 2 === 0 ? 0 : 40 } },
    })),
  },
  {
    name: 'names with a common prefix',
    jobs: [
      {
        id: 'pair',
        type: 'service',
        tasks: { app: { lines: 0, rate: 10 }, 'app-sidecar': { lines: 0, rate: 10, stream: 'stderr' } },
      },
    ],
  },
  {
    name: 'burst of 200 at its stop',
    jobs: [{ id: 'burst', type: 'service', tasks: { app: { lines: 0, rate: 10, burst: 200 } } }],
    isStoppedEarly: true,
  },
  {
    name: 'the same, with a purge',
    jobs: [{ id: 'purged', type: 'service', tasks: { app: { lines: 0, rate: 10, burst: 200 } } }],
    isStoppedEarly: true,
    isPurged: true,
  },
  {
    name: 'rotated files that start alike',
    jobs: [{ id: 'rotated', type: 'batch', tasks: { app: { lines: 300, rate: 100, headers: 50, width: 250 } } }],
  },
  {
    name: 'last line without newline',
    jobs: [{ id: 'bare', type: 'batch', tasks: { app: { lines: 40, rate: 40, last: 'bare' } } }],
  },
  {
    name: 'forged labels in JSON lines',
    jobs: [{ id: 'forged', type: 'batch', tasks: { app: { lines: 100, rate: 50, shape: 'forged' } } }],
  },
  {
    name: 'the same, put over the event',
    jobs: [
      {
        id: 'replaced',
        type: 'batch',
        meta: { nvl_profile: 'replaces' },
        tasks: { app: { lines: 100, rate: 50, shape: 'forged' } },
      },
    ],
  },
  {
    name: 'VRL that aborts on each second',
    jobs: [
      { id: 'aborting', type: 'batch', meta: { nvl_profile: 'aborts' }, tasks: { app: { lines: 100, rate: 50 } } },
    ],
  },
];

/** The transform of each profile that a scenario asks for: what a team's own VRL might do to its events. */
export const profiles: Readonly<Record<string, string>> = {
  aborts: `[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
drop_on_abort = false
source = '''
number = to_int(split(string!(.message), " ")[1]) ?? 0
if mod(number, 2) == 0 { abort }
.odd = true
'''
`,
  replaces: `[transforms.{{id}}_parse]
type = "remap"
inputs = ["{{input}}"]
drop_on_error = false
source = '''
. = object!(parse_json!(string!(.message)))
'''
`,
};
