import { type Draft, type DraftTable, emptyTable, type Tag } from './draft.ts';

/**
 * What Vector 0.57 takes only where it is built with features that the Vector at hand may lack, and further names that it does not
 * tell: none of it is to be refused. Changes the drafts.
 *
 * @source vector 0.57.0: `#[cfg(feature = …)]` at fields and variants of src/http.rs, src/sinks/elasticsearch,
 * src/sinks/prometheus, src/secrets, lib/codecs/src/{decoding/mod.rs,encoding/serializer.rs}; `#[serde(alias = …)]` of
 * lib/vector-core/src/tls/settings.rs.
 */
export const addOtherBuilds = ({
  kinds,
  globals,
}: {
  kinds: Readonly<Record<string, Draft>>;
  globals: DraftTable;
}): void => {
  for (const table of [...Object.values(kinds).flatMap(({ table: own }) => own ?? []), globals])
    eachTable(table, addTo);
  for (const name of ['elasticsearch', 'prometheus_remote_write']) {
    const sink = kinds.sinks?.table?.tags.find((tag) => tag.name === 'type')?.tables.get(name);
    sink?.options.set('aws', { any: true });
  }
};

/** Variants by the option that chooses between them, and by one of its others. */
const VARIANTS: readonly { tag: string; beside: string; variant: string }[] = [
  { tag: 'strategy', beside: 'basic', variant: 'aws' },
  { tag: 'codec', beside: 'json', variant: 'syslog' },
  { tag: 'type', beside: 'directory', variant: 'aws_secrets_manager' },
];

const TLS_ALIASES = { ca_path: 'ca_file', crt_path: 'crt_file', key_path: 'key_file' };

const addTo = (table: DraftTable): void => {
  for (const { tag, beside, variant } of VARIANTS)
    for (const { tables } of table.tags.filter(({ name }) => name === tag))
      if (tables.has(beside) && !tables.has(variant)) tables.set(variant, { ...emptyTable(), other: { any: true } });
  if (table.options.has('verify_certificate'))
    for (const [alias, name] of Object.entries(TLS_ALIASES))
      if (table.options.has(name)) table.aliases.set(alias, name);
};

const eachTable = (table: DraftTable, visit: (table: DraftTable) => void): void => {
  visit(table);
  for (const draft of table.options.values()) eachIn(draft, visit);
  if (typeof table.other !== 'string') eachIn(table.other, visit);
  for (const { tables } of table.tags as readonly Tag[]) for (const branch of tables.values()) eachTable(branch, visit);
};

const eachIn = ({ list, table }: Draft, visit: (table: DraftTable) => void): void => {
  if (list !== undefined) eachIn(list, visit);
  if (table !== undefined) eachTable(table, visit);
};
