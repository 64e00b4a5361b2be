import { NvlError } from '../errors.ts';
import type { Vrl, VrlRunOptions } from '../vrl/vrl.ts';
import { createFileSource, type FileSource } from './file-source.ts';
import type { ComponentConfig, EngineConfig } from './read-config.ts';
import { stampsFrom } from './stamps.ts';
import { NotRunnable, type ReadProgram, type Transform } from './transform.ts';
import { TRANSFORM_KINDS } from './transforms/kinds.ts';

/** What of a configuration runs, each transform behind those that it reads, and what does not. */
export type Components = {
  sources: readonly { id: string; source: FileSource }[];
  transforms: readonly { id: string; inputs: readonly string[]; transform: Transform }[];
  notRun: readonly ComponentFault[];
};

/** Why a component does not run. */
export type ComponentFault = { component: string; error: NvlError };

export const buildComponents = ({
  config,
  vrl,
  run,
  readProgram,
  hostname,
  now,
}: {
  config: EngineConfig;
  vrl: Vrl;
  run: VrlRunOptions;
  readProgram: ReadProgram;
  hostname: string;
  /** In ms since 1970. */
  now: () => number;
}): Components => {
  const notRun: ComponentFault[] = [];
  const stamp = stampsFrom(now);
  const made = <T>(kind: string, { id, type }: ComponentConfig, make: () => T): [T] | [] => {
    try {
      return [make()];
    } catch (error) {
      if (!(error instanceof NotRunnable)) throw error;
      notRun.push({ component: id, error: notRunnable({ what: `${kind} ${id}`, type, why: error.message }) });
      return [];
    }
  };
  const sources = config.sources.flatMap((one) =>
    made('source', one, () => {
      if (config.unknown.length > 0) throw new NotRunnable(`the configuration sets ${config.unknown.join(' and ')}`);
      if (one.type !== 'file') throw new NotRunnable('only log files are read here');
      return { id: one.id, source: createFileSource({ config: one, vrl, stamp, hostname }) };
    }),
  );
  const transforms = config.transforms.flatMap(({ inputs, ...one }) =>
    made('transform', one, () => {
      const kind = TRANSFORM_KINDS.get(one.type);
      if (kind === undefined) throw new NotRunnable('nvl runs no transforms of this type');
      return { id: one.id, inputs, transform: kind({ id: one.id, options: one.options, vrl, run, readProgram }) };
    }),
  );
  return { sources, transforms, notRun };
};

const notRunnable = ({ what, type, why }: { what: string; type: string; why: string }): NvlError =>
  new NvlError('notRunnable', {
    message: `${what} of type ${type} does not run without Vector: ${why}`,
    advice: 'have a real Vector run it: nvl test --engine vector',
  });
