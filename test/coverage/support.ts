import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Branch, Coverage, ProfileCoverage } from '../../lib/coverage/coverage.ts';
import { measureCoverage } from '../../lib/coverage/measure.ts';
import { createVrlWatch } from '../../lib/coverage/vrl/watch.ts';
import type { RanInNvl } from '../../lib/profile-test/run-observer.ts';
import { type TestRun, testProfiles } from '../../lib/profile-test/test-profiles.ts';
import { folderWith } from '../profile-test/support.ts';

/** No Vector is to be found there, so that nvl alone runs the tests. */
export const NO_VECTOR = '/nowhere/vector';

/** Runs the tests of a folder with these files, watched. */
export const coverageOf = async (
  files: Readonly<Record<string, string>>,
  names: readonly string[] = [],
): Promise<{ dir: string; run: TestRun; coverage: Coverage }> => {
  const dir = folderWith(files);
  const watch = createVrlWatch();
  let ran: RanInNvl | undefined;
  const run = await testProfiles({
    dir,
    names,
    command: { binary: NO_VECTOR, env: {}, cwd: dir },
    shownPath: (file) => file,
    observer: {
      wrapVrl: watch.wrap,
      ran: (what) => {
        ran = what;
      },
    },
    signal: new AbortController().signal,
  });
  // A profile that Vector would refuse is no test of anything here.
  const [refused] = run.profiles.flatMap(({ errors }) => errors);
  if (ran === undefined || refused !== undefined) throw refused ?? new Error('nothing ran');
  const coverage = measureCoverage({
    run: ran,
    results: run.profiles,
    watch,
    isOwn: (file) => file.startsWith('/') || existsSync(join(dir, file)),
    programFile: (path) => ({ file: join(dir, path), text: readFileSync(join(dir, path), 'utf8') }),
  });
  return { dir, run, coverage };
};

/** A transform of type remap with this program. */
export const remap = (program: string): string =>
  `[transforms.{{id}}_parse]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = '''\n${program}\n'''\n`;

/** A test file with a case that expects no certain field of one event for each of its lines. */
export const casesFor = (...lines: readonly string[]): string =>
  JSON.stringify([{ name: 'a case', lines, events: lines.map(() => ({ nomad: {} })) }]);

/** A branch of the first line of a profile's transform that was never taken. */
export const aBranch = ({
  at,
  ...parts
}: Partial<Omit<Branch, 'at'>> & { at?: Partial<Branch['at']> } = {}): Branch => {
  const place = { file: 'profiles/p/transform.toml.hbs', line: 1, column: 0, ...at };
  return {
    key: `${place.file}:${place.line}:${place.column} ${parts.never ?? ''}`,
    at: place,
    choice: `${place.file}:${place.line}:${place.column}`,
    never: 'if .a: never true',
    taken: 0,
    isGuard: false,
    within: undefined,
    span: undefined,
    lines: [],
    ...parts,
  };
};

/** The coverage of a profile `p`, and of the files that its branches are in. */
export const aCoverage = ({
  branches = [],
  text = '',
  ...parts
}: Partial<ProfileCoverage> & { text?: string } = {}): Coverage => ({
  profiles: [{ profile: 'p', isUntested: false, silent: [], unset: [], unmeasured: [], branches, ...parts }],
  files: [...Map.groupBy(branches, ({ at }) => at.file)].map(([file, own]) => ({
    file,
    text,
    branches: own,
    lines: new Map([[1, 2]]),
  })),
});
