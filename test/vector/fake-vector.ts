import { join } from 'node:path';
import { linesOf, writeProgram } from './support.ts';

/** What a fake vector does; times in milliseconds. */
export type Behaviour = {
  /** How long it takes until it handles signals. */
  bootMs?: number;
  startMs?: number;
  /** How long a reload takes, and what it says of it, reload by reload; the last counts for all further ones. */
  reloadMs?: number;
  reloads?: ('good' | 'bad' | 'globals' | 'leftOut' | 'silent' | 'die')[];
  drainMs?: number;
  /** Ends by itself with this code this long after it has started, or before it with `startMs: -1`. */
  exitAfterMs?: number;
  exitCode?: number;
  log?: 'text' | 'json' | 'none';
  /**
   * Components of these names, in the files that it is given, pass a proof and cannot be built: it does not start with them,
   * and refuses to reload them. A reload after a refused one is its end, as of a real one whose sinks were replaced.
   */
  cannotBuild?: string[];
  /** Writes this on stdout, and on stderr, when it starts. */
  stdout?: string;
  stderr?: string;
  /**
   * Before it says that it has started, and that it has reloaded, it logs so many bytes and waits until they are taken; a
   * list has its start, then each reload, and nothing from then on.
   */
  chatterBytes?: number | number[];
};

/**
 * A supervised vector for tests: it notes `start`, each signal and `end` with its process id in `notes` beside itself, and
 * behaves by turns as told, start by start; the last behaviour counts for all further starts.
 */
export const writeFakeVector = async ({ folder, behaviours }: { folder: string; behaviours: Behaviour[] }) => {
  const binary = await writeProgram({ folder, source: fakeSource(behaviours) });
  const notes = () => linesOf(join(folder, 'notes'));
  return {
    binary,
    notes,
    /** The notes without process ids. */
    events: async () => (await notes()).map((line) => line.split(' ')[0]),
  };
};

const fakeSource = (behaviours: Behaviour[]): string => `
const { appendFileSync, readFileSync, writeSync } = require('node:fs');
const { join } = require('node:path');
const notes = join(__dirname, 'notes');
const note = (what) => appendFileSync(notes, what + ' ' + process.pid + '\\n');
const behaviours = ${JSON.stringify(behaviours)};
// Vector goes on when nobody reads its log any more.
process.stderr.on('error', () => {});
let before = 0;
try { before = readFileSync(notes, 'utf8').split('\\n').filter((line) => line.startsWith('start ')).length; } catch {}
const b = { startMs: 0, reloadMs: 0, reloads: ['good'], drainMs: 0, log: 'text', ...behaviours[Math.min(before, behaviours.length - 1)] };
const say = (level, target, message, fields = {}) => {
  const time = '2026-11-23T03:26:53.626211Z';
  if (b.log === 'none' && level === 'INFO') return;
  if (b.log === 'json') return process.stdout.write(JSON.stringify({ timestamp: time, level, message, ...fields, target }) + '\\n');
  const rest = Object.entries(fields).map(([key, value]) => ' ' + key + '=' + (key === 'error' ? value : JSON.stringify(value))).join('');
  process.stderr.write(time + ' ' + level.padStart(5) + ' ' + target + ': ' + message + rest + '\\n');
};
// As Vector does: nothing else happens until its log is taken.
const writeOrWait = (line, at) => {
  try {
    return writeSync(2, line, at);
  } catch (error) {
    if (error.code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    return 0;
  }
};
let chats = 0;
const chatter = () => {
  const bytes = Array.isArray(b.chatterBytes) ? b.chatterBytes[chats] : b.chatterBytes;
  chats += 1;
  const line = Buffer.from('2026-11-23T03:26:53.626211Z  WARN sink{component_id=loki}: vector::sinks::util::retries: Retrying after error.\\n');
  for (let left = bytes || 0; left > 0; left -= line.length) {
    for (let at = 0; at < line.length; ) at += writeOrWait(line, at);
  }
};
const unbuildable = () => {
  const files = process.argv.filter((_, index) => process.argv[index - 1] === '-c');
  const text = files.map((file) => { try { return readFileSync(file, 'utf8'); } catch { return ''; } }).join('\\n');
  return (b.cannotBuild ?? []).filter((name) => text.includes('sinks.' + name + ']') || text.includes('transforms.' + name + ']'));
};
const sayUnbuildable = (names) => {
  for (const name of names) say('ERROR', 'vector::topology::builder', 'Configuration error.', { error: 'Sink "' + name + '": Address already in use (os error 98)' });
};
Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, b.bootMs || 0);
let isFragile = false;
let started = false;
let count = 0;
process.on('SIGHUP', () => {
  note('HUP');
  const turn = b.reloads[Math.min(count, b.reloads.length - 1)];
  count += 1;
  if (!started || isFragile || turn === 'die') process.exit(134);
  const bad = unbuildable();
  if (bad.length > 0) {
    isFragile = true;
    sayUnbuildable(bad);
    return say('ERROR', 'vector::internal_events::process', 'Reload was not successful.', { reason: 'topology_build_failed', error_code: 'reload' });
  }
  setTimeout(() => {
    chatter();
    const failed = 'vector::internal_events::process';
    if (turn === 'good') say('INFO', 'vector', 'Vector has reloaded.', { path: '[]' });
    if (turn === 'leftOut') {
      say('ERROR', 'vector::config::loading', 'Error opening config file.', { error: 'Permission denied (os error 13)', path: 'live.toml' });
      say('INFO', 'vector', 'Vector has reloaded.', { path: '[]' });
    }
    if (turn === 'bad') {
      say('ERROR', 'vector::cli', 'Configuration error.', { error: 'Input "zz" for sink "o" does not match any components.' });
      say('ERROR', failed, 'Failed to load config files, reload aborted.', { error_code: 'config_load' });
    }
    if (turn === 'globals') {
      say('ERROR', 'vector::topology::controller', 'Config reload rejected due to non-reloadable global options.', { changed_fields: 'data_dir' });
      say('ERROR', failed, 'Reload was not successful.', { reason: 'global_options_changed', error_code: 'reload' });
    }
  }, b.reloadMs);
});
process.on('SIGTERM', () => {
  note('TERM');
  say('INFO', 'vector', 'Vector is stopping.');
  setTimeout(() => { note('end'); process.exit(0); }, b.drainMs);
});
note('start');
if (b.stdout) process.stdout.write(b.stdout);
if (b.stderr) process.stderr.write(b.stderr);
if (unbuildable().length > 0) { sayUnbuildable(unbuildable()); process.exit(78); }
if (b.startMs < 0) { process.stderr.write('no good\\n'); process.exit(b.exitCode); }
setTimeout(() => {
  chatter();
  started = true;
  say('INFO', 'vector', 'Vector has started.', { version: '0.57.0' });
  if (b.exitAfterMs !== undefined) setTimeout(() => { process.stderr.write('about to end\\n'); process.exit(b.exitCode); }, b.exitAfterMs);
}, b.startMs);
setInterval(() => {}, 1000);
`;
