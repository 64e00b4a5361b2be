/** The two proofs that a configuration needs before it goes live, in the order in which they run. */
export type ProofName = 'configuration' | 'components';

/**
 * `configuration`: Vector parses all files and compiles VRL (`--no-environment`). `components`: it builds every component
 * on top of that, as it would at its start, but runs none and asks no server (`--skip-healthchecks`): what only a sink
 * itself can tell, such as a template it refuses or a certificate that is not there.
 */
export const PROOFS: readonly { name: ProofName; flag: string }[] = [
  { name: 'configuration', flag: '--no-environment' },
  { name: 'components', flag: '--skip-healthchecks' },
];

/** The command that a proof runs, for people. */
export const commandOf = (name: ProofName): string =>
  `vector validate ${PROOFS.find((proof) => proof.name === name)?.flag ?? ''}`;
