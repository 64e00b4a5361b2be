import { createEngine } from '../engine/engine.ts';
import { readProgramsFrom } from '../engine/read-program.ts';
import { emptyTables } from '../render/vector-tables.ts';
import { checkVectorConfig } from '../vector-check/check.ts';
import { readVectorConfig } from '../vector-check/read-config.ts';
import type { Vrl } from '../vrl/vrl.ts';
import { createVrlPool } from '../vrl/vrl-pool.ts';

/**
 * Whether nvl itself finds a generated file good, where no Vector is to prove it: its options, how its components are connected as far as
 * they stand in it, and its programs. What it refuses Vector refuses, but not the other way round.
 */
export const checkText = async ({
  text,
  linksDir,
  programDir,
  vrl: given,
}: {
  text: string;
  linksDir: string;
  /** Where files with VRL are looked for. One that is not there is not judged: it may be on the node. */
  programDir: string;
  /** What compiles programs, the caller's to end; without it one is made. */
  vrl?: Vrl;
}): Promise<{ isGood: boolean; said: string }> => {
  const findings = checkVectorConfig({ config: readVectorConfig([{ file: 'nomad.toml', text }]), isWhole: false });
  const vrl = given ?? createVrlPool();
  try {
    const readProgram = readProgramsFrom(programDir);
    const refused = await createEngine({ text, tables: emptyTables({ text, linksDir }), vrl, readProgram }).check();
    const said = [
      ...findings.filter(({ severity }) => severity === 'error').map(({ message }) => message),
      ...refused.map(({ kind, component, text: words }) => `${kind} ${component}: ${words.trim()}`),
    ];
    return { isGood: said.length === 0, said: said.join('\n') };
  } finally {
    if (given === undefined) await vrl.close();
  }
};
