import { toRefusal, type VectorRefusal } from '../vector/proof/report.ts';
import type { Vrl, VrlProgram, VrlRunOptions } from '../vrl/vrl.ts';
import type { Components } from './components.ts';

/** A program of a component, and what Vector prints of it. */
export type RefusedProgram = { kind: 'source' | 'transform'; component: string; text: string };

/** A program, and whose it is. */
export type ComponentProgram = Pick<RefusedProgram, 'kind' | 'component'> & { program: VrlProgram };

/** The programs of all components. */
export const programsIn = ({ sources, transforms }: Pick<Components, 'sources' | 'transforms'>): ComponentProgram[] => [
  ...sources.flatMap(({ id, source }) => named('source', id, source.programs)),
  ...transforms.flatMap(({ id, transform }) => named('transform', id, transform.programs)),
];

const named = (
  kind: ComponentProgram['kind'],
  component: string,
  programs: readonly VrlProgram[],
): ComponentProgram[] => programs.map((program) => ({ kind, component, program }));

/** The same in the form of what Vector itself says of a configuration. Pure. */
export const programRefusal = ({ kind, component, text }: RefusedProgram): VectorRefusal =>
  toRefusal(`${TITLES[kind]} "${component}": ${text}`);

const TITLES = { source: 'Source', transform: 'Transform' } as const;

/** Compiles the programs of all components, and gives those that the compiler refuses. */
export const checkPrograms = async ({
  sources,
  transforms,
  vrl,
  run,
}: Pick<Components, 'sources' | 'transforms'> & { vrl: Vrl; run: VrlRunOptions }): Promise<RefusedProgram[]> => {
  const checked = async ({ kind, component, program }: ComponentProgram) => {
    // To run it on nothing keeps what was compiled.
    const { verdict } = await vrl.run(program, [], kind === 'source' ? { withValue: true } : run);
    return verdict.ok ? [] : [{ kind, component, text: verdict.text }];
  };
  return (await Promise.all(programsIn({ sources, transforms }).map(checked))).flat();
};
