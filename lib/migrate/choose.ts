import { parseToml } from '../config/parse-toml.ts';
import { parseYaml } from '../config/parse-yaml.ts';
import { NvlError } from '../errors.ts';
import { isTable } from '../table.ts';
import { fromLogger } from './from-logger.ts';
import { fromPureVector } from './from-pure-vector.ts';
import { readLoggerConfig } from './logger-config.ts';
import type { Migration, MigrationSource, SourceFile } from './migrate.ts';

/** Which of the two a file is of is seen by what stands in it. Throws `migrateUnreadable` for neither. Pure. */
export const migrate = (source: MigrationSource): Migration => {
  switch (peerOf(source.config)) {
    case 'logger':
      return fromLogger(source);
    case 'pureVector':
      return fromPureVector(source);
    case undefined:
      throw new NvlError('migrateUnreadable', {
        message: `${source.config.name} is no configuration of nomad-vector-logger, nor of Vector`,
        facts: { from: source.config.name, looked: '[app] in TOML, or sources in YAML, JSON or TOML' },
        advice: 'name the TOML file of nomad-vector-logger 0.4.1, or the YAML file of its successor',
      });
  }
};

/** The folder of templates that a configuration of 0.4.1 names; undefined for any other. Pure. */
export const extraTemplatesOf = (config: SourceFile): string | undefined => {
  if (peerOf(config) !== 'logger') return undefined;
  const read = readLoggerConfig({ file: config.name, text: config.text });
  return 'fault' in read ? undefined : read.extraTemplatesDir;
};

const peerOf = ({ name, text }: SourceFile): 'logger' | 'pureVector' | undefined => {
  const isToml = /\.toml(?:\.\w+)?$/.test(name);
  const { tree, faults } = isToml ? parseToml(text) : parseYaml(text, { isJson: name.endsWith('.json') });
  // What cannot be read says so where it is read.
  if (faults.length > 0) return isToml ? 'logger' : 'pureVector';
  if (!isTable(tree)) return undefined;
  return isTable(tree.app) ? 'logger' : isTable(tree.sources) ? 'pureVector' : undefined;
};
