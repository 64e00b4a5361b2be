import { objectOf } from '../json.ts';
import type { EmbeddedTemplate } from './embed-templates.ts';

/** A task as Nomad's API has it, its whole numbers as bigints. */
export type NomadTask = Readonly<Record<string, unknown>>;

export type SidecarOptions = {
  name: string;
  driver: 'raw_exec' | 'exec' | 'docker';
  /** Of docker: one that has nvl and Vector. */
  image?: string | undefined;
  /** Whom the task runs as; unset: the driver's own choice. */
  user?: string | undefined;
  /** How the two are called where the task runs. */
  nvl: string;
  vector: string;
  /** Whom nvl starts Vector as. */
  vectorUser?: string | undefined;
  /** Where a templates folder is fetched from; else what is embedded, else those that come with nvl. */
  artifact?: string | undefined;
  templates: readonly EmbeddedTemplate[];
  /** MHz, and MB. */
  cpu: number;
  memory: number;
};

/**
 * The task that collects the others of its group. It starts before them, so that it is there for their first line, and Nomad ends it
 * after them. Pure.
 *
 * @source https://developer.hashicorp.com/nomad/api-docs/json-jobs
 */
export const sidecarTask = (options: SidecarOptions): NomadTask => ({
  Name: options.name,
  Driver: options.driver,
  ...(options.user === undefined ? {} : { User: options.user }),
  Lifecycle: { Hook: 'prestart', Sidecar: true },
  Config: {
    ...(options.image === undefined ? {} : { image: options.image }),
    command: options.nvl,
    args: ['run', '--', options.vector],
  },
  Env: envOf(options),
  // The token is the job's own, and comes as NOMAD_TOKEN.
  Identity: { Env: true },
  // The node's own nvl leaves it out, too.
  Meta: { nvl_enabled: 'false' },
  KillSignal: 'SIGTERM',
  KillTimeout: 30n * SECOND,
  // Before it is told to end: the other tasks may be over before nvl is up and can hear it.
  ShutdownDelay: 3n * SECOND,
  // For ever: a task that fails would end the others.
  RestartPolicy: { Attempts: 10n, Interval: 300n * SECOND, Delay: 5n * SECOND, Mode: 'delay' },
  LogConfig: { MaxFiles: 3n, MaxFileSizeMB: 10n },
  Resources: { CPU: BigInt(options.cpu), MemoryMB: BigInt(options.memory) },
  ...(options.artifact === undefined
    ? {}
    : { Artifacts: [{ GetterSource: options.artifact, GetterMode: 'dir', RelativeDest: `local/${FOLDER}` }] }),
  ...(options.templates.length === 0
    ? {}
    : {
        Templates: options.templates.map(({ path, text, left, right }) => ({
          EmbeddedTmpl: text,
          DestPath: `local/${FOLDER}/${path}`,
          LeftDelim: left,
          RightDelim: right,
          Perms: '0644',
          // nvl sees an edit by itself.
          ChangeMode: 'noop',
        })),
      }),
});

/** Whether nvl added it: its variables say what it is. */
export const isSidecar = (task: NomadTask): boolean => objectOf(task.Env)[MODE] === 'true';

const MODE = 'NVL_COLLECT_GROUP_ONLY';

/** In the task's own folder. */
const FOLDER = 'templates';

const SECOND = 1_000_000_000n;

const envOf = ({ vectorUser, artifact, templates }: SidecarOptions): Record<string, string> => ({
  [MODE]: 'true',
  // The agent of this node and no other: no port, no TLS files.
  NOMAD_ADDR: `unix://${ofTask('NOMAD_SECRETS_DIR')}/api.sock`,
  // Beside the logs, on the same mount: nvl makes hard links to them. It goes when they go.
  NVL_ROOT: `${ofTask('NOMAD_ALLOC_DIR')}/nvl`,
  // It stays until it is read and delivered, and Nomad does not wait for long.
  NVL_COLLECT_REMOVAL_DELAY: '1s',
  ...(artifact === undefined && templates.length === 0
    ? {}
    : { NVL_TEMPLATES: `${ofTask('NOMAD_TASK_DIR')}/${FOLDER}` }),
  ...(vectorUser === undefined ? {} : { NVL_VECTOR_USER: vectorUser }),
});

/** A variable that Nomad fills in when the task starts. */
const ofTask = (name: string): string => `$\{${name}}`;
