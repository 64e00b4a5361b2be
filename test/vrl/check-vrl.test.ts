import { spawnSync } from 'node:child_process';
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { faultsOfRecord, faultsOfVersion, RECORD, sourcesIn } from '../../scripts/check-vrl.ts';

const PROJECT = join(import.meta.dirname, '../..');
const CRATE = join(PROJECT, 'vrl');

const aFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-check-vrl-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** The crate elsewhere. */
const aCrate = (): string => {
  const folder = aFolder();
  for (const name of ['nvl-vrl.wasm', 'nvl-vrl.wasm.sha256', RECORD, ...sourcesIn(CRATE)])
    cpSync(join(CRATE, name), join(folder, name));
  return folder;
};

test('the module that is committed was built from the crate beside it, and tells its version of VRL', async () => {
  expect(faultsOfRecord(CRATE)).toEqual([]);
  expect(await faultsOfVersion(CRATE)).toEqual([]);
});

test('the module is smaller than 7 MB', () => {
  expect(statSync(join(CRATE, 'nvl-vrl.wasm')).size).toBeLessThan(7_000_000);
});

test.each<[string, (folder: string) => void, string[]]>([
  [
    'a source that was edited',
    (folder) => appendFileSync(join(folder, 'src/functions/now.rs'), '// x\n'),
    ['src/functions/now.rs was changed since nvl-vrl.wasm was built'],
  ],
  [
    'another version of a dependency',
    (folder) => appendFileSync(join(folder, 'Cargo.lock'), '\n'),
    ['Cargo.lock was changed since nvl-vrl.wasm was built'],
  ],
  [
    'another way to build',
    (folder) => appendFileSync(join(folder, 'build.sh'), '\n'),
    ['build.sh was changed since nvl-vrl.wasm was built'],
  ],
  [
    'a new source',
    (folder) => writeFileSync(join(folder, 'stand-ins/new.rs'), ''),
    ['stand-ins/new.rs is new since nvl-vrl.wasm was built'],
  ],
  [
    'a source that is gone',
    (folder) => rmSync(join(folder, 'host/src/lib.rs')),
    ['host/src/lib.rs is gone since nvl-vrl.wasm was built'],
  ],
  [
    'another module, with its digest',
    (folder) => {
      writeFileSync(join(folder, 'nvl-vrl.wasm'), '');
      const digest = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
      writeFileSync(join(folder, 'nvl-vrl.wasm.sha256'), `${digest}  nvl-vrl.wasm\n`);
    },
    ['nvl-vrl.wasm is not the one that was built'],
  ],
  [
    'a digest of another module',
    (folder) => writeFileSync(join(folder, 'nvl-vrl.wasm.sha256'), `${'0'.repeat(64)}  nvl-vrl.wasm\n`),
    ['nvl-vrl.wasm is not what nvl-vrl.wasm.sha256 says'],
  ],
  ['what a build leaves, and notes', (folder) => writeFileSync(join(folder, 'README.md'), 'x'), []],
])('without a Rust, %s is found and named', (_, change, faults) => {
  const folder = aCrate();
  change(folder);
  expect(faultsOfRecord(folder)).toEqual(faults);
});

test('a module of another VRL than that of Cargo.lock', async () => {
  const folder = aCrate();
  const lock = readFileSync(join(folder, 'Cargo.lock'), 'utf8');
  writeFileSync(
    join(folder, 'Cargo.lock'),
    lock.replace(/(name = "vrl"\nversion = )"[^"]+"/, (_, name) => `${name}"9.9.9"`),
  );
  expect(await faultsOfVersion(folder)).toEqual([expect.stringMatching(/^nvl-vrl\.wasm has VRL 0\..*has 9\.9\.9$/)]);
});

/** A Rust that builds the module of a file, whatever the crate says, and a wasm-opt that leaves it; the environment that has them used. */
const aRust = ({
  module,
  tools: [rustc, wasmOpt] = ['rustc 1.0.0', 'wasm-opt 1.0.0'],
}: {
  module: string;
  tools?: readonly string[];
}) => {
  const folder = aFolder();
  const program = (name: string, text: string): string => {
    writeFileSync(join(folder, name), `#!/bin/sh\n${text}`, { mode: 0o755 });
    return join(folder, name);
  };
  const release = '"$CARGO_TARGET_DIR/wasm32-unknown-unknown/release';
  program('clang', '');
  return {
    PATH: `${folder}:${process.env.PATH}`,
    RUSTC: program('rustc', `case $1 in --version) echo '${rustc}' ;; *) echo '${folder}' ;; esac\n`),
    WASM_OPT: program('wasm-opt', `[ "$1" = --version ] && echo '${wasmOpt}' && exit\n${COPY_LAST_BUT_TWO}`),
    CARGO: program(
      'cargo',
      `[ "$1" = --version ] && exit\nmkdir -p ${release}" && cp '${module}' ${release}/nvl_vrl.wasm"\n`,
    ),
  };
};

/** Of `… FROM -o TO`. */
const COPY_LAST_BUT_TWO = 'while [ $# -gt 3 ]; do shift; done\ncp "$1" "$3"\n';

const MODULE = join(CRATE, 'nvl-vrl.wasm');

const run = (program: string, args: string[], env: Record<string, string>) => {
  const { status, stdout, stderr } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
};

test('a build writes the record that its crate is held against', () => {
  const out = aFolder();
  const { status } = run(join(CRATE, 'build.sh'), [], {
    ...aRust({ module: MODULE }),
    NVL_VRL_OUT: out,
    CARGO_TARGET_DIR: join(aFolder(), 'target'),
  });
  expect(status).toBe(0);
  const record = (folder: string) => readFileSync(join(folder, RECORD), 'utf8').split('\n');
  expect(record(out)).toEqual(['# rustc 1.0.0', '# wasm-opt 1.0.0', ...record(CRATE).slice(2)]);
});

test.each([
  ['gives the same bytes', MODULE, { status: 0, out: /nvl-vrl\.wasm is the crate's$/m, err: /^$/ }],
  [
    'gives others',
    join(CRATE, 'Cargo.lock'),
    {
      status: 1,
      out: /^build it anew: /m,
      err: /other bytes here: [0-9a-f]{64}, by rustc 1\.0\.0 and wasm-opt 1\.0\.0; recorded is rustc 1.* and wasm-opt /,
    },
  ],
  ['fails', join(CRATE, 'none'), { status: 1, out: /^build it anew: /m, err: /build\.sh ended with 1/ }],
])('the crate, built anew, %s', (_, module, expected) => {
  const done = run(process.execPath, [join(PROJECT, 'scripts/check-vrl.ts'), '--rebuild'], aRust({ module }));
  expect(done).toMatchObject({
    status: expected.status,
    out: expect.stringMatching(expected.out),
    err: expect.stringMatching(expected.err),
  });
});

const OTHER = join(CRATE, 'Cargo.lock');
const TOOLS = [...readFileSync(join(CRATE, RECORD), 'utf8').matchAll(/^# (.+)$/gm)].map(([, tool = '']) => tool);
const [RUSTC = '', WASM_OPT = ''] = TOOLS;

test('the record names the compiler and what made its module smaller', () => {
  expect(TOOLS).toEqual([expect.stringMatching(/^rustc 1\./), expect.stringMatching(/^wasm-opt version \d/)]);
});

test.each<[string, () => Record<string, string>, string[], RegExp]>([
  ['is built by the tools of its record', () => aRust({ module: OTHER, tools: TOOLS }), [], /^build it anew/m],
  [
    'is not, where that is too much',
    () => aRust({ module: OTHER, tools: TOOLS }),
    ['--quick'],
    /^nvl-vrl.wasm is the crate's\n$/,
  ],
  [
    'is not by another compiler',
    () => aRust({ module: OTHER, tools: ['rustc 1.0.0', WASM_OPT] }),
    [],
    /not built anew: rustc 1.0.0 and wasm-opt .* is here, .*by rustc 1\./,
  ],
  [
    'is not by another wasm-opt',
    () => aRust({ module: OTHER, tools: [RUSTC, 'wasm-opt 1.0.0'] }),
    [],
    /not built anew: rustc 1.* and wasm-opt 1\.0\.0 is here, .*and wasm-opt version/,
  ],
  [
    'is not without a wasm-opt',
    () => ({ ...aRust({ module: OTHER, tools: TOOLS }), WASM_OPT: '/none' }),
    [],
    /not built anew: \/none is missing/,
  ],
  ['is not by none', () => ({ RUSTC: '/none' }), [], /not built anew: there is no Rust here/],
])('by itself, it %s', (_, env, args, said) => {
  expect(run(process.execPath, [join(PROJECT, 'scripts/check-vrl.ts'), ...args], env()).out).toMatch(said);
});
