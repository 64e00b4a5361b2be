import { createEngine } from '../engine/engine.ts';
import { emptyTables } from '../render/vector-tables.ts';
import { checkVectorConfig } from '../vector-check/check.ts';
import { readVectorConfig } from '../vector-check/read-config.ts';
import { createVrlPool } from '../vrl/vrl-pool.ts';

/**
 * Whether nvl itself finds a generated file good, where no Vector is to prove it: its options, how its components are connected as far as
 * they stand in it, and its programs. What it refuses Vector refuses, but not the other way round.
 */
export const checkText = async ({
  text,
  linksDir,
}: {
  text: string;
  linksDir: string;
}): Promise<{ isGood: boolean; said: string }> => {
  const findings = checkVectorConfig({ config: readVectorConfig([{ file: 'nomad.toml', text }]), isWhole: false });
  const vrl = createVrlPool();
  try {
    const refused = await createEngine({ text, tables: emptyTables({ text, linksDir }), vrl }).check();
    const said = [
      ...findings.filter(({ severity }) => severity === 'error').map(({ message }) => message),
      ...refused.map(({ kind, component, text: words }) => `${kind} ${component}: ${words.trim()}`),
    ];
    return { isGood: said.length === 0, said: said.join('\n') };
  } finally {
    await vrl.close();
  }
};
