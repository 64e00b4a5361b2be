import {
  accessSync,
  chmodSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll } from 'vitest';

/** What a worker of vitest, and Node itself, need of the environment they were started in. */
const KEPT = /^(PATH|VITEST.*|TEST|NODE_ENV|NODE_V8_COVERAGE|MODE|DEV|PROD|SSR|BASE_URL|LD_LIBRARY_PATH)$/;

/** What the worker was started with, kept under names that reach each test file: one worker runs many of them, one after the other. */
const [TMPDIR_GIVEN, PATH_GIVEN] = ['VITEST_NVL_TMPDIR', 'VITEST_NVL_PATH'];

/** What Node makes of the sources, kept for the next nvl that a test starts: it takes half of the start. */
const COMPILED = join(import.meta.dirname, '..', '..', 'node_modules', '.cache', 'node');

/** Programs that a test may run only where it asks for them, with `needs` and `pathOf`. */
const HIDDEN = ['vector', 'nomad'];

/** Where Nomad, Vector's API, Loki and Elasticsearch listen by default: what runs there is the machine's. */
const FOREIGN_PORTS: ReadonlySet<number> = new Set([4646, 4647, 4648, 8686, 3100, 9200]);

/**
 * Takes the machine away from a test: the variables, home folder, configuration, language, time zone and umask of whoever
 * runs it, and the Nomad and the Vector that are there. Called before anything of nvl is loaded, for each test file.
 * `isAlone`: no program of `HIDDEN` is on PATH, and nobody answers on `FOREIGN_PORTS`.
 */
export const isolate = ({ isAlone }: { isAlone: boolean }): void => {
  const outer = process.env[TMPDIR_GIVEN] ?? tmpdir();
  const path = process.env[PATH_GIVEN] ?? process.env.PATH ?? '';
  Object.assign(process.env, { [TMPDIR_GIVEN]: outer, [PATH_GIVEN]: path });
  const folder = mkdtempSync(join(outer, 'nvl-tests-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  const home = join(folder, 'home');
  mkdirSync(home);
  // A test may become another user, who has to find what the test owns.
  chmodSync(folder, 0o711);
  for (const name of Object.keys(process.env)) if (!KEPT.test(name)) delete process.env[name];
  Object.assign(process.env, { HOME: home, TZ: 'UTC', LANG: 'C.UTF-8', NODE_COMPILE_CACHE: COMPILED });
  process.umask(0o022);
  if (!isAlone) return;
  // A project's root: nothing above it is taken for a configuration.
  writeFileSync(join(folder, 'package.json'), '{}');
  process.env.TMPDIR = folder;
  process.env.PATH = pathWithout({ programs: HIDDEN, path, folder });
  refuseForeignPorts();
};

/** The same path, with a folder of links to all the rest in the place of each folder that holds one of the programs. */
export const pathWithout = ({
  programs,
  path,
  folder,
}: {
  programs: readonly string[];
  path: string;
  folder: string;
}): string =>
  path
    .split(delimiter)
    .map((place, index) => {
      if (!programs.some((program) => canRun(join(place, program)))) return place;
      const rest = join(folder, `path-${index}`);
      mkdirSync(rest);
      for (const name of readdirSync(place))
        if (!programs.includes(name)) symlinkSync(join(place, name), join(rest, name));
      return rest;
    })
    .join(delimiter);

const canRun = (file: string): boolean => {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

const REFUSES = Symbol.for('nvl.tests.refuse-foreign-ports');

/** Within this process, once; a child that a test starts is given an address of the test's own. */
const refuseForeignPorts = (): void => {
  if (REFUSES in Socket.prototype) return;
  Object.defineProperty(Socket.prototype, REFUSES, { value: true });
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
    // Node calls it with its own arguments in a list.
    const [first] = (Array.isArray(args[0]) ? args[0] : args) as [{ port?: unknown } | number | string];
    const port = Number(typeof first === 'object' ? first.port : first);
    if (!FOREIGN_PORTS.has(port)) return Reflect.apply(connect, this, args);
    const refused = Object.assign(new Error(`connect ECONNREFUSED 127.0.0.1:${port}`), {
      code: 'ECONNREFUSED',
      syscall: 'connect',
      address: '127.0.0.1',
      port,
    });
    return this.destroy(refused);
  };
};
