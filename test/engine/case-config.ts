import { join } from 'node:path';
import { stringify } from 'smol-toml';
import type { Components, EngineCase } from './corpus.ts';

/** Where the files of a case lie: logs, programs and tables by their own paths. */
export const caseFolder = ({ folder, id }: { folder: string; id: string }): string => join(folder, id);

/** The name that a component, an output or an input of a case has among those of all cases. */
export const ownName = (id: string, name: string): string => `${id}_${name}`;

/** How long Vector waits for one more line of an event, and for one more event of a group: less than between two rounds. */
const MULTILINE_MS = 3_000;
const REDUCE_MS = 5_000;
export const ROUND_MS = 12_000;

/** A case as a configuration of Vector's in TOML, whose files lie in `folder`. Both engines read this text. */
export const caseConfig = ({ test, folder }: { test: EngineCase; folder: string }): string => {
  const own = caseFolder({ folder, id: test.id });
  const { id } = test;
  const text = stringify({
    sources: named(id, test.sources, (options) => sourceOptions({ own, options })),
    transforms: named(id, test.transforms, (options) => transformOptions({ id, own, options })),
    enrichment_tables: Object.fromEntries(
      Object.entries(test.tables).map(([name, { schema = {} }]) => [
        name,
        { type: 'file', file: { path: tableFile({ own, name }), encoding: { type: 'csv' } }, schema },
      ]),
    ),
  });
  // Vector puts variables in the place of names behind a `$`.
  return text.replaceAll('$', '\\u0024');
};

export const tableFile = ({ own, name }: { own: string; name: string }): string => join(own, `${name}.csv`);

/** What all cases share: a zone that is not the machine's, so that it is seen who reads times in which. */
export const GLOBALS = 'timezone = "Asia/Tokyo"\n';

type Options = Components[string];

const named = (id: string, components: Components, complete: (options: Options) => object) =>
  Object.fromEntries(Object.entries(components).map(([name, options]) => [ownName(id, name), complete(options)]));

const sourceOptions = ({ own, options }: { own: string; options: Options }): object => {
  const { include = ['*.log'], exclude = [], multiline, ...others } = options;
  return {
    type: 'file',
    include: textsOf(include).map((path) => join(own, path)),
    exclude: textsOf(exclude).map((path) => join(own, path)),
    fingerprint: { strategy: 'device_and_inode' },
    glob_minimum_cooldown_ms: 100,
    ...(multiline === undefined ? {} : { multiline: { timeout_ms: MULTILINE_MS, ...(multiline as object) } }),
    ...others,
  };
};

const transformOptions = ({ id, own, options }: { id: string; own: string; options: Options }): object => {
  const { inputs = ['in'], file, files, ...others } = options;
  return {
    inputs: textsOf(inputs).map((input) => ownName(id, input)),
    ...(file === undefined ? {} : { file: join(own, String(file)) }),
    ...(files === undefined ? {} : { files: textsOf(files).map((path) => join(own, path)) }),
    ...(others.type === 'reduce' ? { expire_after_ms: REDUCE_MS, flush_period_ms: 100 } : {}),
    ...others,
  };
};

const textsOf = (list: unknown): string[] => (list as unknown[]).map(String);
