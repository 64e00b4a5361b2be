import { constants, type Stats } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { rootPaths } from '../apply/paths.ts';
import { hasCode, messageOf } from '../errors.ts';
import { findOwnedIds } from '../vector/config/user-config.ts';
import { findUser } from '../vector/process/find-user.ts';
import { ownFilesError } from '../wiring/own-files-report.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, fail, failOf, notChecked, ok, onOneLine, warn } from './finding.ts';

/** Is there a Vector, new enough, that answers in time? */
export const checkVector = async ({ vector }: DoctorContext): Promise<Finding[]> => {
  const before = performance.now();
  const { file, version } = await vector();
  return [ok(`${version} at ${file}, answered within ${Math.ceil(performance.now() - before)} ms`)];
};

/**
 * Can the files of the running Vector be read and understood, does none of them take an id of nvl's, and does Vector run on
 * copies of how they were?
 */
export const checkVectorFiles = async ({
  runningVector,
  isVectorUnknown,
  vectorArgs,
  state,
}: DoctorContext): Promise<Finding[]> => {
  const { user } = await runningVector();
  const trouble = (await state().catch(() => undefined))?.ownFiles;
  const findings = [
    ...(trouble === undefined ? [] : [failOf(ownFilesError(trouble))]),
    ...user.faults.map(({ file, message }) =>
      fail(`${file} ${onOneLine(message)}`, 'fix it, or let nvl read it: no configuration can be proven without it'),
    ),
  ];
  const owned = findOwnedIds(user);
  if (owned !== undefined) findings.push(failOf(owned));
  const hasNone = user.components.length === 0 && user.dataDir === undefined;
  if (findings.length === 0 && hasNone && (await isVectorUnknown())) {
    return vectorArgs.length > 0
      ? [ok('none: nvl gives the Vector it runs a configuration of its own')]
      : [
          warn(
            'nothing says how Vector is started, so its own files are not known',
            'write its arguments into vector.args, or run: nvl doctor -- vector ...',
          ),
        ];
  }
  if (findings.length > 0) return findings;
  const how =
    vectorArgs.length > 0
      ? 'the Vector that nvl runs reads copies of them, which an edit replaces once Vector accepts it'
      : 'Vector reads them itself: while one is broken, no new task ships (nvl run -- vector ... keeps copies)';
  return [ok(`read without a fault, ${user.components.length} components in them; ${how}`)];
};

/** Does Vector's data folder exist, may Vector write to it, and may nvl read Vector's positions there? */
export const checkDataDir = async (context: DoctorContext): Promise<Finding[]> => {
  const { config, vectorArgs } = context;
  // Throws where there is no such user, or none may be another than nvl's.
  const user = vectorArgs.length === 0 ? undefined : config.vector.user;
  const numbers = user === undefined ? undefined : await findUser(user);
  if (vectorArgs.length > 0 && (await context.isVectorUnknown())) {
    return [ok(`${rootPaths(config.root).dataDir}, made by nvl for the Vector it runs`)];
  }
  const { dataDir, user: own } = await context.runningVector();
  const isSaid = config.vector.dataDir !== undefined || own.dataDir !== undefined;
  if (!isSaid && own.faults.length > 0) return [notChecked('a file of your own that may set it cannot be understood')];
  const shown = isSaid ? dataDir : `${dataDir} (Vector's default, as no file of its own sets data_dir)`;
  try {
    await readdir(dataDir);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) {
      return [fail(`${shown} cannot be read: ${messageOf(error)}`, 'let nvl read it: it tells what was delivered')];
    }
    return isSaid || !(await context.isVectorUnknown())
      ? [
          fail(
            `${shown} does not exist, and Vector ends with 78 over that`,
            `make it, for Vector's user: mkdir -p ${dataDir}`,
          ),
        ]
      : [notChecked(`nothing says how Vector is started, and ${dataDir}, its default, does not exist`)];
  }
  if (user !== undefined && numbers !== undefined)
    return mayWrite({ ...numbers, found: await stat(dataDir) })
      ? [ok(`${shown}, writable for ${user}`)]
      : [fail(`${shown} is not writable for ${user}, the user of vector.user`, `chown -R ${user} ${dataDir}`)];
  const isWritable = await access(dataDir, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isWritable) return [ok(shown)];
  return vectorArgs.length > 0
    ? [fail(`${shown} is not writable, and the Vector that nvl runs has nvl's user`, 'give it to that user')]
    : [warn(`${shown} is not writable for this user`, "see that Vector's own user may write to it")];
};

/** By the folder's mode alone: a user that is not root, with no group but its own. */
const mayWrite = ({ uid, gid, found }: { uid: number; gid: number; found: Stats }): boolean => {
  const bits = found.uid === uid ? 0o300 : found.gid === gid ? 0o030 : 0o003;
  return uid === 0 || (found.mode & bits) === bits;
};
