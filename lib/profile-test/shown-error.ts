import { isAbsolute } from 'node:path';
import { NvlError } from '../errors.ts';

/** The same error with the file that it names as people are to see it. Templates are named below their folder. Pure. */
export const withShownPath = ({
  error,
  templateFile,
  shownPath,
}: {
  error: NvlError;
  /** Where a template lies, from the beginning. */
  templateFile: (template: string) => string;
  shownPath: (file: string) => string;
}): NvlError => {
  const [, file, place = ''] = /^(.*?)((?::\d+)*)$/s.exec(error.facts.at ?? '') ?? [];
  if (file === undefined || file === '') return error;
  const isTemplate = /^(?:profiles|vector|partials)\//.test(file);
  if (!isTemplate && !isAbsolute(file)) return error;
  const at = `${shownPath(isTemplate ? templateFile(file) : file)}${place}`;
  const { code, message, facts, advice, cause } = error;
  return new NvlError(code, { message, facts: { ...facts, at }, ...(advice !== undefined && { advice }), cause });
};
