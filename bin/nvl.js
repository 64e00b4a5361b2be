#!/usr/bin/env node
// Plain JavaScript that a Node of any age can read: it says in one line when the Node is too old for the rest, and
// answers --version before anything else is loaded.

// An import would have Node load what nothing here needs; an older one has no other way.
const { existsSync, readFileSync } = process.getBuiltinModule?.('node:fs') ?? (await import('node:fs'));
const { version, engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const needed = engines.node.replace(/[^\d.]/g, '');
const numbers = (text) => text.split('.').map(Number);
const isOlder = (a, b) => {
  const at = b.findIndex((part, index) => part !== (a[index] || 0));
  return at !== -1 && (a[at] || 0) < b[at];
};

/**
 * A daemon is to be small rather than fast: V8 lets its young generation grow to 32 MiB, and collects the old one late. Its
 * compilers come with what they know of each function and their own 5 MB of Node's file, and cycles are too short and too far
 * apart to gain by them. Node's snapshot and V8's copy of its built-in functions make a second thread 8 MB larger. What a function
 * was compiled to goes at the second collection that finds it unused, not at the sixth: most of it is used at the start alone.
 */
const SMALL = [
  '--semi-space-growth-factor=1',
  '--optimize-for-size',
  '--single-threaded-gc',
  '--no-opt',
  '--no-maglev',
  '--no-sparkplug',
  '--v8-pool-size=0',
  '--no-short-builtin-calls',
  '--no-node-snapshot',
  '--bytecode-old-age=1',
];

/** Majors of Node that these flags were tried on: one that lacks a flag ends at once. */
const TRIED = [22, 24, 26];

/**
 * The same process begins anew with these flags. Set while V8 runs, `--single-threaded-gc` ends Node 22 at its next
 * collection ("Check failed: concurrent_marking_handle_"). Where that can't be done, nvl is larger, and all else is the same.
 */
const becomeSmall = () => {
  const missing = SMALL.filter((flag) => !process.execArgv.includes(flag));
  if (missing.length === 0 || process.execve === undefined || !TRIED.includes(numbers(process.versions.node)[0]))
    return;
  const { execPath, execArgv, argv, env } = process;
  try {
    process.execve(execPath, [execPath, ...execArgv, ...missing, ...argv.slice(1)], env);
  } catch {
    // As before.
  }
};

if (isOlder(numbers(process.versions.node), numbers(needed))) {
  process.stderr.write(
    `nvl: needs Node ${needed} or newer, and this is ${process.versions.node} (${process.execPath})\n`,
  );
  process.exitCode = 1;
} else if (process.argv.length === 3 && ['--version', '-version', '-V', '-v'].includes(process.argv[2])) {
  process.stdout.write(`nvl ${version}\n`);
} else {
  if (process.argv[2] === 'run') becomeSmall();
  // The published package holds the compiled files alone; a checkout runs its sources.
  const load = (name) => {
    const source = new URL(`./${name}.ts`, import.meta.url);
    return import(existsSync(source) ? source.href : `../dist/bin/${name}.js`);
  };
  const isDone = process.argv[2] === 'status' && (await (await load('quick')).printStatus());
  if (!isDone) await (await load('main')).main(version);
}
