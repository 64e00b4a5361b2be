import { cpSync, globSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder, startNvl } from '../../test/support/nvl.ts';
import { waitFor } from '../../test/support/wait.ts';
import { type Contender, LABELS, VECTOR_LOG } from './contender.ts';
import { childrenOf, commandOf } from './proc.ts';
import { parseTemplate } from './yardsticks.ts';

/** nvl as it is published, over the Vector that it supervises, as a team runs it that keeps its own sink. */
export const nvlContender = ({ program }: { program: string }): Contender => ({
  name: 'nvl',
  labels: LABELS,
  start: async ({ folder, node, sink, parse }) => {
    const nvl = await startNvl({
      folder,
      program,
      config: {
        nomad: { address: node.address },
        collect: { removalDelay: '10s' },
        ...(parse === 'parse_logfmt' && { templates: writeTemplates({ folder, parse }) }),
      },
      env: { VECTOR_LOG },
      sink: () => sink(['nomad_logs']),
    });
    const vectorPid = () => childrenOf(nvl.pid).find(isRunningVector) ?? 0;
    // It renders and proves the whole node before it starts Vector.
    const started = waitFor(
      'nvl to start Vector',
      async () => {
        if (nvl.hasEnded()) return 'ended';
        return vectorPid() > 0 && (await nvl.said()).includes('Vector has started') ? 'started' : undefined;
      },
      { timeoutMs: 180_000 },
    ).catch(async (error: unknown) => {
      await nvl.end();
      throw error;
    });
    if ((await started) === 'ended') throw new Error(`nvl ended\n${await nvl.said()}`);
    return {
      vectorPid,
      daemonPid: nvl.pid,
      log: join(folder, 'nvl.log'),
      configFiles: () => globSync(join(nvl.root, 'live', '*.toml')),
      end: async () => void (await nvl.end({ graceMs: 75_000 })),
    };
  },
});

/** A team's own templates, with a profile of that name; `logfmt` is there already. */
const writeTemplates = ({ folder, parse }: { folder: string; parse: 'parse_logfmt' }): string => {
  const templates = join(folder, 'templates');
  cpSync(join(projectFolder, 'templates'), templates, { recursive: true });
  mkdirSync(join(templates, 'profiles', parse), { recursive: true });
  writeFileSync(join(templates, 'profiles', parse, 'transform.toml.hbs'), parseTemplate(parse));
  return templates;
};

/** Its proofs and questions run the same program. */
const isRunningVector = (pid: number): boolean => {
  const words = commandOf(pid);
  return words.some((word) => word.endsWith('/own/in-use/files/*')) && !words.includes('validate');
};
