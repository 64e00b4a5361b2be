import type { Vrl, VrlProgram, VrlRunOptions } from '../vrl/vrl.ts';
import type { Components } from './components.ts';

/** A program of a component, and what Vector prints of it. */
export type RefusedProgram = { kind: 'source' | 'transform'; component: string; text: string };

/** Compiles the programs of all components, and gives those that the compiler refuses. */
export const checkPrograms = async ({
  sources,
  transforms,
  vrl,
  run,
}: Pick<Components, 'sources' | 'transforms'> & { vrl: Vrl; run: VrlRunOptions }): Promise<RefusedProgram[]> => {
  const checked = async (kind: RefusedProgram['kind'], component: string, program: VrlProgram) => {
    // To run it on nothing keeps what was compiled.
    const { verdict } = await vrl.run(program, [], kind === 'source' ? { withValue: true } : run);
    return verdict.ok ? [] : [{ kind, component, text: verdict.text }];
  };
  const all = [
    ...sources.flatMap(({ id, source }) => source.programs.map((program) => checked('source', id, program))),
    ...transforms.flatMap(({ id, transform }) => transform.programs.map((one) => checked('transform', id, one))),
  ];
  return (await Promise.all(all)).flat();
};
