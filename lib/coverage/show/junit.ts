import pc from 'picocolors';
import { escapedXml, junitCase } from '../../profile-test/junit.ts';
import { type Coverage, shareOf, wholeShare } from '../coverage.ts';
import { isEnough, profileSpots } from './text.ts';

/**
 * The coverage as a suite of JUnit XML: the figures as properties, a case a profile with what its tests leave out, and with a limit a case
 * that fails below it. Pure.
 */
export const coverageSuite = ({
  coverage,
  min,
  shownFile,
}: {
  coverage: Coverage;
  min: number | undefined;
  shownFile: (file: string) => string;
}): string => {
  const share = wholeShare(coverage);
  const view = { width: WIDTH, colors: pc.createColors(false), shownFile };
  const cases = coverage.profiles.map((one) =>
    junitCase({ profile: NAME, name: one.profile, said: profileSpots({ coverage, one, view }).join('\n') }),
  );
  const isGood = isEnough(share, min);
  const text = `${share.percent}% of all branches (${share.taken} of ${share.of})`;
  const limit = min === undefined ? [] : [limitCase({ min, text, isGood })];
  const counts = `tests="${cases.length + limit.length}" failures="${isGood ? 0 : 1}" errors="0"`;
  const figures = [
    property('percent', share.percent),
    property('branches', share.of),
    property('branches taken', share.taken),
    ...coverage.profiles.map(({ profile, branches }) =>
      property(`percent of ${profile}`, shareOf(branches ?? []).percent),
    ),
  ];
  const properties = `    <properties>\n${figures.join('')}    </properties>\n`;
  return `  <testsuite name="${NAME}" ${counts}>\n${properties}${[...cases, ...limit].join('')}  </testsuite>\n`;
};

const NAME = 'coverage';
const WIDTH = 100;

const limitCase = ({ min, text, isGood }: { min: number; text: string; isGood: boolean }): string =>
  junitCase({
    profile: NAME,
    name: `at least ${min}% of all branches`,
    ...(isGood ? {} : { wrong: { kind: 'failure', text } }),
  });

const property = (name: string, value: number): string =>
  `      <property name="${escapedXml(name)}" value="${value}"/>\n`;
