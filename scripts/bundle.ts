/**
 * `npm run build [-- FOLDER]`: writes what is published below `dist/`: `bin/` and `lib/` with the libraries they use, as
 * few small files. A daemon that loads 600 modules one by one takes 7 MiB more of memory than one that loads these.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { rolldown } from 'rolldown';

const root = join(import.meta.dirname, '..');
const target = resolve(process.argv[2] ?? join(root, 'dist'));

await rm(target, { recursive: true, force: true });
// A thread is a program of its own (lib/files/start-grabber.ts, lib/vrl/vrl-worker.ts).
const INPUT = {
  main: join(root, 'bin/main.ts'),
  'grab-thread': join(root, 'lib/files/grab-thread.ts'),
  'vrl-thread': join(root, 'lib/vrl/vrl-thread.ts'),
};
// One file of its own, which shares nothing: the others would be cut into more pieces for it.
const QUICK = { quick: join(root, 'bin/quick.ts') };
const output = (await outputOf(INPUT)).concat(await outputOf(QUICK));
await mkdir(join(target, 'bin'), { recursive: true });
for (const { fileName, ...file } of output)
  await writeFile(join(target, 'bin', fileName), file.type === 'chunk' ? narrow(file.code) : file.source);
const modules = output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
await writeFile(join(target, 'LICENSES.txt'), licences(modules));

async function outputOf(input: Record<string, string>) {
  const bundle = await rolldown({ input, platform: 'node', cwd: root });
  const { output } = await bundle.generate({
    format: 'esm',
    minify: true,
    entryFileNames: '[name].js',
    chunkFileNames: '[name]-[hash].js',
  });
  await bundle.close();
  return output;
}

/**
 * The same program, in characters that V8 keeps in one byte each: it keeps a whole file in two if a single one does not
 * fit. Small code has such characters in texts, templates and patterns alone, where each may be written by its number.
 */
function narrow(code: string): string {
  return code.replace(/[^\0-\xff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The licence texts of the libraries whose code is in the bundle: each asks to be passed on with it. */
function licences(moduleIds: string[]): string {
  const packages = new Set(moduleIds.flatMap((id) => /^\/.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(id) ?? []));
  return [...packages]
    .sort()
    .map(licenceOf)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

function licenceOf(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const file = readdirSync(folder).find((entry) => /^licen[cs]e(\.|$)/i.test(entry));
  const text = file === undefined ? '' : `\n\n${readFileSync(join(folder, file), 'utf8').trim()}`;
  return `${name} ${version}, ${license}${text}\n`;
}
