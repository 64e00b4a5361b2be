/** Of vrl/build.sh: the licences of the crates whose code is in vrl/nvl-vrl.wasm, as vrl/LICENSES.txt. Each asks to be passed on with it. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'vrl');

/** What `cargo metadata` tells, as far as it is read here. */
type Metadata = {
  packages: {
    id: string;
    name: string;
    version: string;
    license: string | null;
    source: string | null;
    manifest_path: string;
  }[];
  resolve: { root: string; nodes: { id: string; deps: { pkg: string; dep_kinds: { kind: string | null }[] }[] }[] };
};

const readMetadata = (): Metadata =>
  JSON.parse(
    execFileSync(
      process.env.CARGO ?? 'cargo',
      ['metadata', '--locked', '--format-version', '1', '--filter-platform', 'wasm32-unknown-unknown'],
      { cwd: FOLDER, encoding: 'utf8', maxBuffer: 1 << 28 },
    ),
  ) as Metadata;

/** What a package is linked with, itself among it: not what only builds it. */
const linkedWith = ({ resolve: { root, nodes } }: Metadata): ReadonlySet<string> => {
  const found = new Set([root]);
  // A set grows while it is walked.
  for (const id of found)
    for (const { pkg, dep_kinds } of nodes.find((node) => node.id === id)?.deps ?? [])
      if (dep_kinds.some(({ kind }) => kind === null)) found.add(pkg);
  return found;
};

const textsIn = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)
    .filter((name) => /^(?:licen[cs]e|copying|notice)/i.test(name) && !name.endsWith('.csv'))
    .sort()
    .map((name) => readFileSync(join(folder, name), 'utf8').trim());

const metadata = readMetadata();
const linked = linkedWith(metadata);
const crates = metadata.packages
  .filter(({ id, source }) => linked.has(id) && source !== null)
  .map(({ manifest_path, ...crate }) => ({ ...crate, texts: textsIn(dirname(manifest_path)) }));
const byText = Map.groupBy(
  crates.flatMap(({ name, texts }) => texts.map((text) => ({ name, text }))),
  // The same words, however their lines are broken.
  ({ text }) => text.replace(/\s+/g, ' '),
);
const list = crates.map(({ name, version, license }) => `${name} ${version}, ${license ?? 'see below'}`);
const texts = Array.from(
  byText.values(),
  (of) => `${[...new Set(of.map(({ name }) => name))].join(', ')}:\n\n${of[0]?.text}`,
);
writeFileSync(
  join(FOLDER, 'LICENSES.txt'),
  `nvl-vrl.wasm holds code of these crates and of Rust's standard library (MIT OR Apache-2.0). Their sources are in Rust's public registry, under these names and versions.\n\n${[
    list.join('\n'),
    ...texts,
  ].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`,
);
