import { stripVTControlCharacters } from 'node:util';
import pc from 'picocolors';
import { unprovenText } from '../apply/prove.ts';
import { describeError } from '../errors.ts';
import { commandOf, PROOFS } from '../vector/proof/proofs.ts';
import type { Proofs } from './prove-sinks.ts';
import type { EngineName } from './run-by-engine.ts';
import { showCase } from './show.ts';
import { type CaseResult, hasPassed, type ProfileResult, type TestRun } from './test-profiles.ts';

/**
 * The run as JUnit XML, as CI systems read it: a suite a profile, a case a case, and what is wrong with a profile as an
 * error of a case of its own. Pure.
 */
export const toJunit = ({
  run,
  shownPath,
  more = [],
}: {
  run: TestRun;
  shownPath: (file: string) => string;
  /** Further suites, as XML. */
  more?: readonly string[];
}): string => {
  const suites = [
    ...run.profiles.map((result) => suite({ result, engine: run.engine, shownPath })),
    ...(run.proofs === undefined ? [] : [proofSuite(run.proofs)]),
    ...more,
  ];
  const seconds = (run.tookMs / 1000).toFixed(3);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="nvl test" time="${seconds}">\n${suites.join('')}</testsuites>\n`;
};

const suite = ({
  result,
  engine,
  shownPath,
}: {
  result: ProfileResult;
  engine: EngineName;
  shownPath: (file: string) => string;
}): string => {
  const { profile, cases, errors } = result;
  const failures = cases.filter((one) => !hasPassed(one)).length;
  const entries = [
    ...errors.map((error) =>
      junitCase({ profile, name: 'the profile', wrong: { kind: 'error', text: describeError(error) } }),
    ),
    ...cases.map((one) => caseEntry({ one, engine, profile, shownPath })),
  ];
  const counts = `tests="${entries.length}" failures="${failures}" errors="${errors.length}"`;
  return `  <testsuite name="${escapedXml(profile)}" ${counts}>\n${entries.join('')}  </testsuite>\n`;
};

/** A case a proof; one that could not tell all here counts as skipped. */
const proofSuite = ({ unproven, errors }: Proofs): string => {
  const entries = PROOFS.map(({ name }) => {
    const own = unproven.filter(({ proof }) => proof === name || proof === 'both');
    const text = own.map(unprovenText).join('\n');
    const skipped = own.length > 0 ? ({ wrong: { kind: 'skipped', text } } as const) : {};
    return junitCase({ profile: 'the sinks', name: commandOf(name), ...skipped });
  });
  const refused = errors.map((error) =>
    junitCase({ profile: 'the sinks', name: 'a sink', wrong: { kind: 'error', text: describeError(error) } }),
  );
  const skipped = entries.filter((text) => text.includes('<skipped')).length;
  const counts = `tests="${entries.length + refused.length}" failures="0" errors="${errors.length}" skipped="${skipped}"`;
  return `  <testsuite name="the sinks" ${counts}>\n${[...refused, ...entries].join('')}  </testsuite>\n`;
};

const caseEntry = ({
  one,
  engine,
  profile,
  shownPath,
}: {
  one: CaseResult;
  engine: EngineName;
  profile: string;
  shownPath: (file: string) => string;
}): string => {
  const { name, file, line } = one.testCase;
  const place = { file: shownPath(file), line };
  if (hasPassed(one)) return junitCase({ profile, name, place });
  const text =
    one.isRun || one.errors.length > 0
      ? showCase({ one, engine, width: WIDTH, colors: pc.createColors(false) }).join('\n')
      : 'its profile could not be run';
  return junitCase({ profile, name, place, wrong: { kind: 'failure', text: `${place.file}:${line}\n${text}` } });
};

const WIDTH = 100;

/** One case of a suite, as XML; `profile` is what it stands under. Pure. */
export const junitCase = ({
  profile,
  name,
  place,
  wrong,
  said,
}: {
  profile: string;
  name: string;
  place?: { file: string; line: number };
  wrong?: { kind: 'error' | 'failure' | 'skipped'; text: string };
  /** What else there is to read, where nothing is wrong. */
  said?: string;
}): string => {
  const where = place === undefined ? '' : ` file="${escapedXml(place.file)}" line="${place.line}"`;
  const head = `    <testcase classname="${escapedXml(profile)}" name="${escapedXml(name)}"${where}`;
  if (wrong !== undefined)
    return `${head}>\n      <${wrong.kind} message="${escapedXml(name)}">${escapedXml(wrong.text)}</${wrong.kind}>\n    </testcase>\n`;
  if (said === undefined) return `${head}/>\n`;
  return `${head}>\n      <system-out>${escapedXml(said)}</system-out>\n    </testcase>\n`;
};

/** A text for XML 1.0, which knows no other control characters than tab and line ends, in no spelling. Pure. */
export const escapedXml = (text: string): string =>
  stripVTControlCharacters(text)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is replaced
    .replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
