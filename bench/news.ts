import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { percentile } from '../test/support/count-lines.ts';
import { startNomadAgent } from '../test/support/nomad-agent.ts';
import { writePackage } from '../test/support/package.ts';
import { NEWS_WAYS, timeNews } from './support/news-times.ts';
import { listOf, publish, runNotes, say } from './support/report-run.ts';
import { type EventCost, runEvents } from './support/run-events.ts';
import { figure, markdownTable, mib } from './support/table.ts';

// How soon news of an allocation come in each way, on a real agent, and what events of other nodes cost nvl, from a stand-in: `npm run bench:news
// [-- --rates 0,100,1000 --seconds 20 --jobs 20 --write]`. --write puts the result into docs/modes.md.
const { values } = parseArgs({
  options: {
    rates: { type: 'string', default: '0,10,100,1000,5000' },
    seconds: { type: 'string', default: '20' },
    jobs: { type: 'string', default: '20' },
    write: { type: 'boolean', default: false },
  },
});

const began = Date.now();

const measureCosts = async (): Promise<EventCost[]> => {
  const folder = await mkdtemp(join(tmpdir(), 'nvl-bench-news-'));
  try {
    const program = writePackage(join(folder, 'package'));
    const costs: EventCost[] = [];
    for (const perSecond of listOf(values.rates).map(Number)) {
      say(`${perSecond} events a second`);
      costs.push(await runEvents({ program, perSecond, seconds: Number(values.seconds) }));
    }
    return costs;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const measureTimes = async () => {
  const agent = await startNomadAgent();
  try {
    return await timeNews({ agent, jobs: Number(values.jobs), jobOf });
  } finally {
    await agent.close();
  }
};

const jobOf = (at: number) => ({
  ID: `news-${at}`,
  Name: `news-${at}`,
  Type: 'batch',
  Datacenters: ['*'],
  TaskGroups: [
    {
      Name: 'g',
      EphemeralDisk: { SizeMB: 30 },
      RestartPolicy: { Attempts: 0, Mode: 'fail' },
      Tasks: [
        {
          Name: 't',
          Driver: 'raw_exec',
          Config: { command: '/bin/sleep', args: ['3'] },
          LogConfig: { MaxFiles: 1, MaxFileSizeMB: 5 },
          Resources: { CPU: 10, MemoryMB: 10 },
        },
      ],
    },
  ],
});

const costs = await measureCosts();
say('a real agent');
const times = await measureTimes();
const ms = (value: number | undefined) => figure(value, { unit: ' ms' });
await publish({
  page: 'modes.md',
  isWritten: values.write,
  section: {
    name: 'news',
    plots: {},
    text: [
      ...runNotes({
        began,
        what: `processor time of the whole nvl over ${values.seconds} s, and ${values.jobs} jobs on a real agent. No Vector runs.`,
        absent: [],
      }),
      'From the moment Nomad created an allocation until nvl knew it with its job:',
      markdownTable([
        ['by', 'half', 'nine of ten', 'all'],
        ...NEWS_WAYS.map((way) => [
          way,
          ...[0.5, 0.9, 1].map((share) => ms(percentile({ values: times[way], share }))),
        ]),
      ]),
      'What events of other nodes take from one nvl, where nothing happens on its own:',
      markdownTable([
        ['events a second', 'came a second', 'of a core', 'memory at most'],
        ...costs.map(({ perSecond, cameBytes, cpuMsPerSecond, peakBytes }) => [
          figure(perSecond),
          figure(cameBytes / 1e6, { digits: 2, unit: ' MB' }),
          figure(cpuMsPerSecond / 10, { digits: 2, unit: ' %' }),
          mib(peakBytes),
        ]),
      ]),
    ].join('\n\n'),
  },
});
