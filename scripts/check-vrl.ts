/**
 * `npm run check:vrl`: whether vrl/nvl-vrl.wasm, which is committed, is what the crate beside it gives. Its digest, what was recorded of
 * the crate when it was built, and the version that it tells are always checked. `--rebuild` builds it anew, which takes ten minutes, and
 * compares the bytes; so does a machine that has all that takes, unless told `--quick`.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createVrl } from '../lib/vrl/vrl.ts';

const FOLDER = join(import.meta.dirname, '..', 'vrl');
const MODULE = 'nvl-vrl.wasm';

/** What build.sh writes of a build: the digests of the module and of each file that it was built from, as `sha256sum -c` reads them. */
export const RECORD = 'nvl-vrl.sources.sha256';

/** What of the crate is not as it was when its module was built, and what of the module: a line each. None where all is well. */
export const faultsOfRecord = (folder: string): string[] => {
  const recorded = digestsIn(readFileSync(join(folder, RECORD), 'utf8'));
  const [module] = [...digestsIn(readFileSync(join(folder, `${MODULE}.sha256`), 'utf8')).values()];
  const found = new Map([MODULE, ...sourcesIn(folder)].map((name) => [name, digestOf(join(folder, name))]));
  const sources = [...new Set([...found.keys(), ...recorded.keys()])].sort().flatMap((name) => {
    if (found.get(name) === recorded.get(name)) return [];
    if (!recorded.has(name)) return [`${name} is new since ${MODULE} was built`];
    if (!found.has(name)) return [`${name} is gone since ${MODULE} was built`];
    return [
      name === MODULE ? `${name} is not the one that was built` : `${name} was changed since ${MODULE} was built`,
    ];
  });
  return [...(module === found.get(MODULE) ? [] : [`${MODULE} is not what ${MODULE}.sha256 says`]), ...sources];
};

/** The version of VRL that the module tells must be the one of Cargo.lock. */
export const faultsOfVersion = async (folder: string): Promise<string[]> => {
  const vrl = createVrl({ moduleFile: join(folder, MODULE), limitMs: 120_000 });
  try {
    const { vrl: told } = await vrl.version();
    const [, locked] = /name = "vrl"\nversion = "([^"]+)"/.exec(readFileSync(join(folder, 'Cargo.lock'), 'utf8')) ?? [];
    return told === locked ? [] : [`${MODULE} has VRL ${told}, and Cargo.lock has ${locked}`];
  } finally {
    await vrl.close();
  }
};

/** The files that make the module what it is, from the crate's folder on, sorted. */
export const sourcesIn = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:rs|toml|lock|sh)$/.test(name) && !name.startsWith('target/'))
    .sort();

const digestOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

/** Digests by name, of lines as sha256sum writes them. Pure. */
const digestsIn = (text: string): Map<string, string> =>
  new Map(
    text.split('\n').flatMap((line) => {
      const [, digest, name] = /^([0-9a-f]{64}) [ *](.+)$/.exec(line) ?? [];
      return digest === undefined || name === undefined ? [] : [[name, digest]];
    }),
  );

/** Builds the module aside. What differs is told; so are tools that are not those of the record, as others write other bytes. */
const faultsOfRebuild = (): string[] => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-vrl-'));
  try {
    const env = { ...process.env, NVL_VRL_OUT: folder, CARGO_TARGET_DIR: join(folder, 'target') };
    const { status } = spawnSync(join(FOLDER, 'build.sh'), { env, stdio: ['ignore', 'inherit', 'inherit'] });
    if (status !== 0) return [`build.sh ended with ${status}`];
    const [built, committed] = [folder, FOLDER].map((place) => digestOf(join(place, MODULE)));
    return built === committed
      ? []
      : [
          `the crate gives other bytes here: ${built}, by ${toolsHere().join(' and ')}; recorded is ${recordedTools().join(' and ') || 'no compiler'}`,
        ];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Why this machine cannot tell by a build whether the module is the crate's; undefined where it can. */
const whyNotRebuilt = (): string | undefined => {
  if (said(RUSTC, '--version') === undefined) return 'there is no Rust here';
  const library = said(RUSTC, '--print', 'target-libdir', '--target', 'wasm32-unknown-unknown');
  if (library === undefined || !existsSync(library)) return 'this Rust lacks the target wasm32-unknown-unknown';
  for (const tool of [process.env.CARGO ?? 'cargo', 'clang', WASM_OPT])
    if (said(tool, '--version') === undefined) return `${tool} is missing`;
  const [here, recorded] = [toolsHere().join(' and '), recordedTools().join(' and ')];
  return recorded === here ? undefined : `${here} is here, and it was built by ${recorded || 'one that is not known'}`;
};

const RUSTC = process.env.RUSTC ?? 'rustc';
const WASM_OPT = process.env.WASM_OPT ?? 'wasm-opt';

/** What writes the bytes, as it tells its versions: the compiler, and what makes its module smaller. */
const toolsHere = (): string[] => [RUSTC, WASM_OPT].map((tool) => said(tool, '--version') ?? `no ${tool}`);

/** The same of the record. */
const recordedTools = (): string[] =>
  [...readFileSync(join(FOLDER, RECORD), 'utf8').matchAll(/^# (.+)$/gm)].map(([, tool = '']) => tool);

/** Undefined where it cannot be run, or fails. */
const said = (program: string, ...args: string[]): string | undefined => {
  try {
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return undefined;
  }
};

const check = async (args: readonly string[]): Promise<string[]> => {
  const faults = [...faultsOfRecord(FOLDER), ...(await faultsOfVersion(FOLDER))];
  if (faults.length > 0 || args.includes('--quick')) return faults;
  const why = args.includes('--rebuild') ? undefined : whyNotRebuilt();
  if (why === undefined) return faultsOfRebuild();
  console.log(`${MODULE} was not built anew: ${why}; --rebuild tries`);
  return [];
};

if (import.meta.main) {
  const args = process.argv.slice(2);
  // For build.sh, which asks before it builds: an edit during a build is none of the build's.
  if (args.includes('--sources'))
    for (const name of sourcesIn(FOLDER)) console.log(`${digestOf(join(FOLDER, name))}  ${name}`);
  else {
    const faults = await check(args);
    for (const fault of faults) console.error(fault);
    console.log(faults.length === 0 ? `${MODULE} is the crate's` : 'build it anew: vrl/build.sh');
    process.exitCode = faults.length === 0 ? 0 : 1;
  }
}
