import { messageOf, NvlError } from '../errors.ts';
import { parseExact } from '../exact-json.ts';
import { objectOf } from '../json.ts';
import type { NomadJob } from './add-sidecar.ts';

/**
 * The job that a jobspec is: JSON of Nomad's API (`nomad job run -output`, `nomad job inspect`, with `Job` around it or without), else
 * HCL, which `parse` makes JSON of. Throws `jobspecInvalid`, and what `parse` throws.
 */
export const readJobspec = async ({
  text,
  shown,
  parse,
}: {
  text: string;
  /** The file, for messages. */
  shown: string;
  parse: (hcl: string) => Promise<string>;
}): Promise<NomadJob> => {
  const isJson = text.trimStart().startsWith('{');
  const value = objectOf(readJson({ text: isJson ? text : await parse(text), shown }));
  const job = 'Job' in value ? objectOf(value.Job) : value;
  if (typeof job.ID === 'string' && job.ID !== '') return job;
  throw new NvlError('jobspecInvalid', {
    message: `${shown} is no job of Nomad's`,
    facts: { said: 'it has no ID' },
    advice: 'give HCL, or the JSON of nomad job run -output',
  });
};

const readJson = ({ text, shown }: { text: string; shown: string }): unknown => {
  try {
    return parseExact(text);
  } catch (cause) {
    throw new NvlError('jobspecInvalid', {
      message: `${shown} cannot be read as JSON`,
      facts: { said: messageOf(cause) },
      advice: 'give HCL, or the JSON of nomad job run -output',
      cause,
    });
  }
};
