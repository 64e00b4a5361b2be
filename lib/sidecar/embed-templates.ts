import { NvlError } from '../errors.ts';
import { grouped } from '../grouped.ts';

/** A file as a `template` block of Nomad's writes it: `left` stands nowhere in its text, so that the text comes as it is. */
export type EmbeddedTemplate = { path: string; text: string; left: string; right: string };

/**
 * Template files as blocks of a job. Nomad hands each block's text to consul-template, to which `{{` means something, too; it is told
 * of delimiters that no file has. Throws `jobspecInvalid` for more than a job should carry. Pure.
 */
export const embedTemplates = (files: readonly { path: string; text: string }[]): EmbeddedTemplate[] => {
  const bytes = files.reduce((sum, { text }) => sum + Buffer.byteLength(text), 0);
  if (bytes > MOST_BYTES)
    throw new NvlError('jobspecInvalid', {
      message: 'the templates are too large to stand in a job',
      facts: { bytes: grouped(bytes), most: grouped(MOST_BYTES) },
      advice: 'have the task fetch them: --artifact git::https://git.example.org/logging.git//templates',
    });
  const { left, right } = unusedDelimiters(files.map(({ text }) => text));
  return files.map(({ path, text }) => ({ path, text, left, right }));
};

/** Nomad's servers write a job down as a whole, for each of its versions. */
const MOST_BYTES = 262_144;

const unusedDelimiters = (texts: readonly string[]): { left: string; right: string } => {
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? 'nvl' : `nvl${number}`;
    const left = `[[${name}[`;
    if (!texts.some((text) => text.includes(left))) return { left, right: `]${name}]]` };
  }
};
