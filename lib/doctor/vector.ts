import { constants } from 'node:fs';
import { access, readdir } from 'node:fs/promises';
import { rootPaths } from '../apply/paths.ts';
import { hasCode, messageOf } from '../errors.ts';
import { findOwnedIds } from '../vector/config/user-config.ts';
import type { DoctorContext } from './doctor-context.ts';
import { type Finding, fail, failOf, notChecked, ok, onOneLine, warn } from './finding.ts';

/** Is there a Vector, new enough, that answers in time? */
export const checkVector = async ({ vector }: DoctorContext): Promise<Finding[]> => {
  const before = performance.now();
  const { file, version } = await vector();
  return [ok(`${version} at ${file}, answered within ${Math.ceil(performance.now() - before)} ms`)];
};

/** Can the files of the running Vector be read and understood, and does none of them take an id of nvl's? */
export const checkVectorFiles = async ({
  runningVector,
  isVectorUnknown,
  vectorArgs,
}: DoctorContext): Promise<Finding[]> => {
  const { user } = await runningVector();
  const findings = user.faults.map(({ file, message }) =>
    fail(`${file} ${onOneLine(message)}`, 'fix it, or let nvl read it: no configuration can be proven without it'),
  );
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
  return findings.length > 0 ? findings : [ok(`read without a fault, ${user.components.length} components in them`)];
};

/** Does Vector's data folder exist, may Vector write to it, and may nvl read Vector's positions there? */
export const checkDataDir = async (context: DoctorContext): Promise<Finding[]> => {
  const { config, vectorArgs } = context;
  if (vectorArgs.length > 0 && (await context.isVectorUnknown())) {
    return [ok(`${rootPaths(config.root).dataDir}, made by nvl for the Vector it runs`)];
  }
  const { dataDir, user } = await context.runningVector();
  const isSaid = config.vector.dataDir !== undefined || user.dataDir !== undefined;
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
  const isWritable = await access(dataDir, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (isWritable) return [ok(shown)];
  return vectorArgs.length > 0
    ? [fail(`${shown} is not writable, and the Vector that nvl runs has nvl's user`, 'give it to that user')]
    : [warn(`${shown} is not writable for this user`, "see that Vector's own user may write to it")];
};
