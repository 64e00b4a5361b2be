import type { TemplateFiles } from '../config/read-templates.ts';
import type { ProfileSettings } from '../context/profile-settings.ts';
import type { Field } from '../context/schema.ts';
import { sinkSchema, taskSchema } from '../context/schema.ts';
import { NvlError } from '../errors.ts';
import { checkNames } from './check-names.ts';
import { helpers } from './helpers.ts';
import { judgeBlock } from './judge-block.ts';
import type { Partials } from './partials.ts';
import { compileSafe, foreignFaults, type Limits, lengthFault, parseOnce } from './safe/index.ts';
import type { BlockKind, Template } from './templates.ts';
import { unreadFault } from './unread-files.ts';

type TemplateFile = TemplateFiles['files'][number];

/** A template out of its file, with its profile's settings; where it is not sound, its faults in place of it. Pure. */
export const compileOne = ({
  file,
  kind,
  partials,
  settings,
}: {
  file: TemplateFile;
  kind: BlockKind;
  partials: Partials;
  settings: ProfileSettings;
}): Pick<Template, 'compiled' | 'faults'> => {
  const { path, text } = file;
  const unread = unreadFault(file);
  if (unread !== undefined) return { compiled: undefined, faults: [unread] };
  const tooLong = lengthFault({ name: path, text }, limitsOf(kind));
  if (tooLong !== undefined) return { compiled: undefined, faults: [tooLong] };
  const foreign = foreignFaults({ name: path, text });
  if (foreign.length > 0) return { compiled: undefined, faults: foreign };
  try {
    const template = parseOnce({ name: path, text });
    const compiled = compileSafe(
      { ...template, partials: partials.sources, helpers, rawAllowed: settings.raw, limits: limitsOf(kind) },
      { judge: (rendered) => judgeBlock({ template: file, kind, ...rendered }) },
    );
    const faults = checkNames({
      template,
      partials: partials.sources,
      helpers: HELPER_NAMES,
      schema: kind === 'sink' ? sinkSchema : withParams(settings),
      allowsVolatile: kind === 'sink',
    });
    const errors = faults.map(
      (fault) =>
        new NvlError('templateInvalid', {
          message: fault.message,
          facts: { at: `${fault.template}:${fault.line}:${fault.column}` },
          ...(fault.advice === undefined ? {} : { advice: fault.advice }),
        }),
    );
    return { compiled: errors.length === 0 ? compiled : undefined, faults: errors };
  } catch (error) {
    if (error instanceof NvlError) return { compiled: undefined, faults: [error] };
    throw error;
  }
};

/** Handlebars' own helpers that stay, and ours. */
const HELPER_NAMES = new Set([...Object.keys(helpers), 'if', 'unless', 'each', 'with', 'lookup', 'raw']);

/** The schema of a task with the parameters that its profile declares, and no others. */
const withParams = ({ parameters }: ProfileSettings): Field => {
  const fields = Object.entries(parameters).map(([name, { type, description }]): [string, Field] => [
    name,
    {
      type: type === 'number' || type === 'duration' ? 'number' : type === 'boolean' ? 'boolean' : 'string',
      doc: description,
    },
  ]);
  const params: Field = { type: 'object', doc: "The profile's parameters", fields: Object.fromEntries(fields) };
  return { ...taskSchema, fields: { ...taskSchema.fields, params } };
};

/**
 * A task's block is rendered for each task, and a sink's once, for all of them. Far above what parses a log; far below what
 * holds up the other tasks.
 */
const limitsOf = (kind: BlockKind): Limits =>
  kind === 'sink' ? { steps: 50_000, characters: 2_097_152 } : { steps: 5_000, characters: 262_144 };
