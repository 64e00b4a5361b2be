import { checkVectorConfig, type VectorFinding } from '../../lib/vector-check/check.ts';
import { readVectorConfig, type VectorFile } from '../../lib/vector-check/read-config.ts';

/** What nvl's check has against a configuration of one file. */
export const findingsOf = (
  text: string,
  {
    format = 'toml',
    ...options
  }: { format?: VectorFile['format'] & string; isWhole?: boolean; vectorVersion?: string } = {},
): VectorFinding[] =>
  checkVectorConfig({ config: readVectorConfig([{ file: `vector.${format}`, text, format }]), ...options });

export const errorsOf = (text: string, format: VectorFile['format'] & string): string[] =>
  findingsOf(text, { format })
    .filter(({ severity }) => severity === 'error')
    .map(({ message }) => message);
