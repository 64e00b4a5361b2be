import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { type Captured, capture } from '../capture/capture.ts';
import { captureLogs } from '../capture/captured-log.ts';
import { createSampleRedactor } from '../capture/redact-by-sample.ts';
import { readRedactRules } from '../capture/redact-rules.ts';
import { createRedactor, type Redactor } from '../capture/redactor.ts';
import { hasCode, NvlError } from '../errors.ts';
import { plural } from '../plural.ts';
import { profileFolder } from '../profile-test/find-tests.ts';
import { runInNode } from '../profile-test/run-in-node.ts';
import { findTarget } from '../tail/find-target.ts';
import { safeText } from '../tail/safe-text.ts';
import { vectorCwd } from '../vector/config/command.ts';
import type { Vrl } from '../vrl/vrl.ts';
import { EXIT, type Io } from '../wiring/io.ts';
import { askedNamespace, streamsOf, withJobs } from '../wiring/open-job.ts';
import { type Flags, textFlag } from '../wiring/prepare.ts';
import { countOf } from './tail.ts';

/** `nvl capture JOB[/TASK]`: the last lines of a job's tasks as cases of their profiles' tests. */
export const captureCommand = ({ io, flags, args }: { io: Io; flags: Flags; args: string[] }): Promise<number> => {
  const [name = ''] = args;
  const lines = countOf({ flags, name: 'lines' });
  const say = (line: string): void => io.err(`${safeText(line)}\n`);
  return withJobs({ io, flags }, async ({ client, config, templates, files, parts }) => {
    const { signal } = io;
    const redactor = await redactorOf({ io, flags, vrl: parts.vrl });
    const target = await findTarget({ client, name, namespace: askedNamespace({ io, flags }), signal });
    const { stubs } = await target.list({ signal });
    const task = textFlag(flags, 'task') ?? target.task;
    const logs = await captureLogs({ stubs, given: { client, lines, streams: streamsOf(flags), task, say, signal } });
    if (logs.length === 0) throw nothingFound({ name, task });
    const captured = await capture({
      logs,
      comment: commentOf({ name, isRedacted: flags.redact !== false }),
      rules: config.rules,
      templates,
      redactor,
      fileOf: (profiles) => placesOf({ io, flags, name, dir: config.templates, profiles }),
      run: (cases) =>
        runInNode({
          cases,
          templates,
          files: files.files,
          shownPath: parts.shownPath,
          cwd: vectorCwd({ config, cwd: io.cwd }),
          vrl: parts.vrl,
          signal,
        }),
    });
    await writeAll({ captured, io });
    if (logs.some(({ hasBytes }) => hasBytes)) say('bytes that are no UTF-8 are written as U+FFFD');
    for (const line of tellCounts(captured)) say(line);
    return EXIT.done;
  });
};

const redactorOf = async ({ io, flags, vrl }: { io: Io; flags: Flags; vrl: Vrl }): Promise<Redactor> => {
  const file = textFlag(flags, 'redact');
  return createRedactor({
    rules: file === undefined ? [] : await readRedactRules(resolve(io.cwd, file)),
    sample: flags.redact === false ? undefined : await createSampleRedactor(vrl),
  });
};

const commentOf = ({ name, isRedacted }: { name: string; isRedacted: boolean }): string =>
  [
    `Lines of ${safeText(name)}, by nvl capture.`,
    isRedacted
      ? 'What looks like a secret or personal data was taken out; read them all the same before you commit them.'
      : 'Nothing was taken out: read them before you commit them.',
  ].join('\n');

/** Where the cases of each profile go. */
const placesOf = ({
  io,
  flags,
  name,
  dir,
  profiles,
}: {
  io: Io;
  flags: Flags;
  name: string;
  dir: string | undefined;
  profiles: readonly string[];
}): ((profile: string) => string) => {
  const out = textFlag(flags, 'out');
  if (out === undefined && dir === undefined) throw noFolder();
  if (out === undefined) return (profile) => freeFile({ folder: profileFolder({ dir, profile }), name });
  if (profiles.length > 1) throw severalProfiles(profiles);
  return () => (out === '-' ? out : resolve(io.cwd, out));
};

/** The first of its names that no file has. */
const freeFile = ({ folder, name }: { folder: string; name: string }): string => {
  const slug = name.replaceAll(/[^0-9A-Za-z_.-]+/g, '-').slice(0, 60);
  for (let count = 1; ; count += 1) {
    const file = join(folder, 'tests', `captured-${slug}${count === 1 ? '' : `-${count}`}.yaml`);
    if (!existsSync(file)) return file;
  }
};

const writeAll = async ({ captured: { files }, io }: { captured: Captured; io: Io }): Promise<void> => {
  for (const { file, text, cases } of files) {
    if (file === '-') {
      io.out(text);
      continue;
    }
    await mkdir(dirname(file), { recursive: true });
    // What is there is somebody's work.
    await writeFile(file, text, { flag: 'wx' }).catch((error: unknown) => {
      throw hasCode(error, 'EEXIST') ? alreadyThere(file) : error;
    });
    const shown = relative(io.cwd, file);
    io.err(`wrote ${safeText(shown.startsWith('..') ? file : shown)}: ${plural(cases.length, 'case')}\n`);
  }
};

const tellCounts = ({ counts }: Captured): string[] =>
  [...counts].map(([name, count]) => `taken out: ${name}, ${plural(count, 'time')}`);

const nothingFound = ({ name, task }: { name: string; task: string | undefined }): NvlError =>
  new NvlError('captureRefused', {
    message: `there are no lines of ${name}${task === undefined ? '' : `, task ${task}`} to capture`,
    advice: `see what there is with: nvl tail ${name} --no-follow`,
  });

const noFolder = (): NvlError =>
  new NvlError('usage', {
    message: 'the templates are those that come with nvl, and no tests of yours lie beside them',
    advice: 'name the folder of your templates with --templates, or a file with --out (- for stdout)',
  });

const severalProfiles = (profiles: readonly string[]): NvlError =>
  new NvlError('usage', {
    message: 'one file holds the cases of one profile, and these tasks have several',
    facts: { profiles: profiles.join(', ') },
    advice: 'choose a task, as JOB/TASK, or leave --out away',
  });

const alreadyThere = (file: string): NvlError =>
  new NvlError('usage', { message: `${file} is there already`, advice: 'choose another name for --out' });
