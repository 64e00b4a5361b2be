import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createRandom } from '../../lib/demo/random.ts';
import { projectFolder } from '../../test/support/nvl.ts';
import { type NomadAnswers, serveNomad } from './serve-nomad.ts';
import { createTaskLog, type FileNews, type TaskLog } from './task-log.ts';

/** A task of the stand-in: an allocation, its job and its group have but this one. */
export type BenchTask = {
  allocId: string;
  jobId: string;
  /** What each of its events is labelled with, the stream apart. */
  labels: Readonly<Record<string, string>>;
  /** Its log; nothing is there before the task runs. */
  stdout: TaskLog;
};

/**
 * Nomad's agent on one node, as far as a log collector sees it: the list over HTTP, in Nomad's own size (a recorded
 * allocation is the model of all), and the log folders on disk.
 */
export type StandInNode = {
  address: string;
  nodeId: string;
  nodeName: string;
  allocDir: string;
  /** Puts a task into the list, pending: no folder is there yet. */
  add: (task: { jobId: string; meta?: Readonly<Record<string, string>> }) => BenchTask;
  /** Makes its folder and its two empty files, and says that it runs. */
  run: (task: BenchTask) => void;
  finish: (task: BenchTask) => void;
  /** As Nomad's client does beyond `gc_max_allocs`: the folder is gone, the list still has the allocation. */
  removeFolder: (task: BenchTask) => void;
  close: () => Promise<void>;
};

export const TASK = 'app';
const GROUP = 'group';

export const createStandInNode = async ({
  folder,
  maxBytes = 10 * 1_024 * 1_024,
  news,
}: {
  folder: string;
  /** Where a log file ends and the next one begins. */
  maxBytes?: number;
  news?: FileNews;
}): Promise<StandInNode> => {
  const allocDir = join(folder, 'alloc');
  await mkdir(allocDir, { recursive: true, mode: 0o711 });
  const recorded = readRecorded(folder);
  const random = createRandom(1);
  const answers = createAnswers(recorded);
  const server = await serveNomad(answers);
  const logsOf = (allocId: string) => join(allocDir, allocId, 'alloc', 'logs');
  const ownNews = (allocId: string): FileNews | undefined =>
    news && {
      made: ({ path, name }) => news.made({ path, name: `${allocId}.${name}` }),
      gone: ({ name }) => news.gone({ name: `${allocId}.${name}` }),
    };
  const logOf = (allocId: string, stream: string) =>
    createTaskLog({ folder: logsOf(allocId), name: `${TASK}.${stream}`, maxBytes, news: ownNews(allocId) });
  return {
    address: server.address,
    nodeId: recorded.nodeId,
    nodeName: recorded.nodeName,
    allocDir,
    add: ({ jobId, meta = {} }) => {
      const allocId = random.uuid();
      answers.put({ allocId, jobId, meta, status: 'pending' });
      const labels = {
        namespace: 'default',
        node_name: recorded.nodeName,
        job_name: jobId,
        group_name: GROUP,
        task_name: TASK,
        alloc_id: allocId,
      };
      return { allocId, jobId, labels, stdout: logOf(allocId, 'stdout') };
    },
    run: (task) => {
      mkdirSync(logsOf(task.allocId), { recursive: true });
      task.stdout.open();
      const stderr = logOf(task.allocId, 'stderr');
      stderr.open();
      stderr.close();
      answers.change({ allocId: task.allocId, status: 'running' });
    },
    finish: (task) => {
      task.stdout.close();
      answers.change({ allocId: task.allocId, status: 'complete' });
    },
    removeFolder: ({ allocId }) => rmSync(join(allocDir, allocId), { recursive: true, force: true }),
    close: server.close,
  };
};

type Raw = Record<string, unknown>;
type Recorded = { nodeId: string; nodeName: string; agentSelf: string; node: string; allocation: Raw };

/** What a real agent once answered, with the folder of this node. */
const readRecorded = (folder: string): Recorded => {
  const read = (name: string) =>
    JSON.parse(readFileSync(join(projectFolder, 'test', 'fixtures', 'recorded', `${name}.json`), 'utf8'));
  const self = read('agent-self') as { config: Raw; stats: { client: { node_id: string } } };
  const node = read('node') as { ID: string; Name: string };
  return {
    nodeId: node.ID,
    nodeName: node.Name,
    agentSelf: JSON.stringify({ ...self, config: { ...self.config, DataDir: folder } }),
    node: JSON.stringify(node),
    allocation: (read('node-allocations') as [Raw])[0],
  };
};

type Listed = { allocId: string; jobId: string; meta: Readonly<Record<string, string>>; status: Status };
type Status = 'pending' | 'running' | 'complete';

/** The list: each allocation's text is written once a change, as a node of thousands is asked often. */
const createAnswers = (
  recorded: Recorded,
): NomadAnswers & { put: (listed: Listed) => void; change: (change: { allocId: string; status: Status }) => void } => {
  const listed = new Map<string, Listed>();
  const texts = new Map<string, string>();
  const waiting = new Set<() => void>();
  let index = 100;
  const put = (one: Listed) => {
    index += 1;
    listed.set(one.allocId, one);
    texts.set(one.allocId, JSON.stringify(toAllocation({ recorded, listed: one, index })));
    for (const wake of waiting) wake();
    waiting.clear();
  };
  return {
    agentSelf: recorded.agentSelf,
    node: recorded.node,
    nodeId: recorded.nodeId,
    index: () => index,
    allocation: (id) => texts.get(id),
    allocations: () => `[${[...texts.values()].join(',')}]`,
    next: () => new Promise<void>((resolve) => waiting.add(resolve)),
    put,
    change: ({ allocId, status }) => {
      const one = listed.get(allocId);
      if (one !== undefined) put({ ...one, status });
    },
  };
};

const toAllocation = ({ recorded, listed, index }: { recorded: Recorded; listed: Listed; index: number }): Raw => {
  const model = recorded.allocation;
  const { allocId, jobId, meta, status } = listed;
  const job = model.Job as Raw;
  const [group = {}] = job.TaskGroups as Raw[];
  const [task = {}] = group.Tasks as Raw[];
  const own = (parts: unknown) => ({ [TASK]: Object.values(parts as Raw)[0] });
  const resources = model.AllocatedResources as Raw;
  const state = Object.values(model.TaskStates as Raw)[0] as Raw;
  return {
    ...model,
    ID: allocId,
    Name: `${jobId}.${GROUP}[0]`,
    NodeID: recorded.nodeId,
    NodeName: recorded.nodeName,
    Namespace: 'default',
    JobID: jobId,
    Job: {
      ...job,
      ID: jobId,
      Name: jobId,
      Namespace: 'default',
      Type: 'service',
      Meta: meta,
      TaskGroups: [{ ...group, Name: GROUP, Tasks: [{ ...task, Name: TASK }] }],
    },
    TaskGroup: GROUP,
    AllocatedResources: { ...resources, TaskLifecycles: { [TASK]: null }, Tasks: own(resources.Tasks) },
    TaskResources: own(model.TaskResources),
    TaskStates:
      status === 'pending'
        ? null
        : {
            [TASK]: {
              ...state,
              State: status === 'running' ? 'running' : 'dead',
              Failed: false,
              FinishedAt: status === 'running' ? null : new Date().toISOString(),
            },
          },
    ClientStatus: status,
    DesiredStatus: 'run',
    AllocModifyIndex: index,
    ModifyIndex: index,
  };
};
