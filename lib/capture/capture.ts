import type { Config } from '../config/config.ts';
import { NvlError } from '../errors.ts';
import { ownFields } from '../profile-test/compare.ts';
import type { PipelineRun } from '../profile-test/run-pipeline.ts';
import type { RunCase } from '../profile-test/session.ts';
import type { Templates } from '../render/templates.ts';
import type { CapturedLog } from './captured-log.ts';
import { caseOfLog } from './case-of-log.ts';
import { caseText } from './case-text.ts';
import { expectEvents } from './expect-events.ts';
import { namedValues } from './named-values.ts';
import type { RedactCounts, Redactor } from './redactor.ts';

/** A test file to write: the cases of one profile. */
export type CapturedFile = { profile: string; file: string; text: string; cases: readonly RunCase[] };

export type Captured = {
  files: readonly CapturedFile[];
  /** What was redacted, how often, over all. */
  counts: RedactCounts;
};

/**
 * Makes test files of logs, a file for each profile: the lines redacted, with the events that come of them. Throws `captureRefused` where an event holds what
 * would have been taken out of a line, and what `caseOfLog` and `expectEvents` throw.
 */
export const capture = async ({
  logs,
  comment,
  rules,
  templates,
  redactor,
  fileOf,
  run,
}: {
  logs: readonly CapturedLog[];
  /** What the file begins with. */
  comment: string;
  rules: Config['rules'];
  templates: Templates;
  redactor: Redactor;
  /** Where a profile's cases are written. Throws where there is no such place. */
  fileOf: (profiles: readonly string[]) => (profile: string) => string;
  run: (cases: readonly RunCase[]) => Promise<PipelineRun>;
}): Promise<Captured> => {
  const counts = new Map<string, number>();
  const made: RunCase[] = [];
  for (const log of logs) {
    const redacted = await redactor.redact(log.lines);
    for (const [name, count] of redacted.counts) counts.set(name, (counts.get(name) ?? 0) + count);
    if (redacted.lines.length === 0) continue;
    made.push(await caseOfLog({ log, lines: redacted.lines, rules, templates, redactor }));
  }
  const byProfile = Map.groupBy(made, ({ profile }) => profile);
  const placeOf = fileOf([...byProfile.keys()]);
  const files: CapturedFile[] = [];
  for (const [profile, group] of byProfile) {
    const file = placeOf(profile);
    const cases = group.map((one, position) => ({ ...one, file, position }));
    const written = await expectEvents({ text: caseText({ cases, comment }), cases, run: () => run(cases) });
    const events = written.runs.map(({ events: found }) => found);
    await refuseUnsafe({ cases, events, redactor });
    files.push({ profile, file, text: written.text, cases });
  }
  return { files, counts };
};

/** A profile may decode what nobody sees in the line. */
const refuseUnsafe = async ({
  cases,
  events,
  redactor,
}: {
  cases: readonly RunCase[];
  events: readonly (readonly Readonly<Record<string, unknown>>[])[];
  redactor: Redactor;
}): Promise<void> => {
  for (const [index, { name, bytes }] of cases.entries()) {
    const values = (events[index] ?? []).flatMap((event) => namedValues(ownFields({ event, readTimes: NO_TIMES })));
    const unsafe = await redactor.findUnsafe({ values, lines: bytes.toString('utf8').split('\n') });
    if (unsafe.length === 0) continue;
    throw new NvlError('captureRefused', {
      message: 'events hold what looks like a secret or personal data, so nothing was written',
      facts: { case: name, fields: [...new Set(unsafe.map((one) => one.name))].sort().join(', ') },
      advice:
        'take it out of the lines with a rule of your own (--redact FILE), or write all as it is with --no-redact',
    });
  }
};

const NO_TIMES = { fromMs: 0, toMs: 0 };
