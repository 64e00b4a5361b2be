import { expect, onTestFinished, test } from 'vitest';
import { readTemplates } from '../../lib/config/read-templates.ts';
import { nodeContext, taskContext } from '../../lib/context/context.ts';
import { changeCosts } from '../../lib/cost/change-costs.ts';
import { renderNode } from '../../lib/render/render.ts';
import { compileTemplates } from '../../lib/render/templates.ts';
import { createVrl, type Vrl } from '../../lib/vrl/vrl.ts';
import { aFolder, put } from '../commands/support.ts';
import { ALLOC_DIR, aNode, anAllocation, LINKS } from '../support/builders.ts';

const SINK = `[sinks.loki]
type = "loki"
inputs = ["{{input}}"]
endpoint = "http://127.0.0.1:1"
encoding.codec = "json"
labels.job = "\\{{ nomad.job_name }}"
labels.level = "\\{{ level }}"
`;

/** With a memory, so that each task has a pipeline of its own. */
const profile = (rate: number): string =>
  `[transforms.{{id}}_level]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '.level = "info"'\n` +
  `[transforms.{{id}}_parse]\ntype = "sample"\ninputs = ["{{id}}_level"]\nrate = ${rate}\n`;

/** What VRL is asked for the costs of a change to so many tasks of one profile. */
const workFor = async (count: number) => {
  const allocations = Array.from({ length: count }, (_, index) =>
    anAllocation({
      id: `${index.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`,
      job: `job-${index}`,
      jobMeta: { nvl_profile: 'p' },
    }),
  );
  const sideOf = async (rate: number) => {
    const dir = await aFolder();
    await put(dir, {
      'vector/sink.toml.hbs': SINK,
      'profiles/p/transform.toml.hbs': profile(rate),
      'profiles/p/tests/a.yaml': '- name: a\n  lines: ["a", "b"]\n  events: []\n',
    });
    const tasks = allocations.flatMap((allocation) =>
      allocation.tasks.map((task) =>
        taskContext({
          allocation,
          task,
          node: nodeContext(aNode()),
          linksDir: LINKS,
          chosen: { profile: 'p', params: {} },
        }),
      ),
    );
    const rendered = renderNode({
      templates: compileTemplates(await readTemplates(dir)),
      tasks,
      node: {},
      hasSinks: true,
      linksDir: LINKS,
      live: new Map(),
      seats: new Map(),
      carried: new Set(),
      quarantined: new Map(),
    });
    return { dir, side: { rendered, tasks, linksDir: LINKS, cwd: dir } };
  };
  const [before, after] = [await sideOf(2), await sideOf(4)];
  const vrl = createVrl();
  onTestFinished(() => vrl.close());
  const asked = { compiled: 0, lines: 0 };
  const counted: Vrl = {
    ...vrl,
    run: (program, events, options) => {
      // To run a program on nothing is to compile it.
      if (events.length === 0) asked.compiled += 1;
      // Labels are made of a line for each stream of each task, in any case.
      else if (!/_(?:in|out)$/.test(program.name)) asked.lines += events.length;
      return vrl.run(program, events, options);
    },
  };
  const { jobs, sinks } = await changeCosts({
    before: before.side,
    after: after.side,
    changed: after.side.tasks.map(({ id }) => id),
    snapshots: [{ node: aNode(), allocations, allocDir: ALLOC_DIR, hasLeader: true }],
    templatesDir: after.dir,
    lines: [],
    cwd: after.dir,
    limits: { bytesPerDay: undefined, dropShare: undefined, streams: undefined },
    vrl: counted,
  });
  return { asked, jobs: jobs.length, dropped: jobs[0]?.dropped.after?.value, streams: sinks[0]?.after?.now };
};

test('the work is that of the profiles, and not of the tasks: ten times as many take no more of it', async () => {
  const [few, many] = [await workFor(3), await workFor(30)];
  expect(few).toMatchObject({ jobs: 3, dropped: 0.75, streams: 3 });
  expect(many).toMatchObject({ jobs: 30, dropped: 0.75, streams: 30 });
  expect(Math.min(...Object.values(few.asked))).toBeGreaterThan(0);
  expect(many.asked).toEqual(few.asked);
});
