import { NvlError } from '../errors.ts';
import { reachable } from '../vector/config/reachable.ts';
import { DEFAULT_API_ADDRESS, type UserConfig } from '../vector/config/user-config.ts';

/** Where the running Vector's API answers, and how that is known. */
export type ApiPlace = { url: string; asked: string | undefined; api: UserConfig['api'] };

/** `asked`: by a flag. Else it is where the team's own files say, else at Vector's default. Throws `usage`. Pure. */
export const apiPlace = ({ asked, api }: { asked: string | undefined; api: UserConfig['api'] }): ApiPlace => {
  const url = asked ?? `http://${reachable(api?.address ?? DEFAULT_API_ADDRESS)}`;
  const isUrl = URL.canParse(url) && ['http:', 'https:'].includes(new URL(url).protocol);
  if (isUrl) return { url, asked, api };
  throw new NvlError('usage', {
    message: `${JSON.stringify(url)} is no address of Vector's API`,
    advice: `write it as http://${DEFAULT_API_ADDRESS}`,
  });
};

/** An API that does not answer, with what turns it on. Any other error stays as it is. Pure. */
export const withApiAdvice = (error: unknown, { url, asked, api }: ApiPlace): unknown => {
  if (!(error instanceof NvlError) || error.code !== 'vectorApiAway') return error;
  const { message, facts, cause } = error;
  if (api !== undefined)
    return new NvlError('vectorApiAway', {
      message,
      facts: { ...facts, api: `${api.file} turns it on${asked === undefined ? '' : `, and --url asks at ${url}`}` },
      advice: 'look whether Vector runs; one that was started before the file said so has to be restarted',
      cause,
    });
  return new NvlError('vectorApiAway', {
    message,
    facts: {
      ...facts,
      api: 'no Vector file that nvl knows of turns it on (vector.args names them, or what stands behind -- for nvl run)',
    },
    advice: ADVICE,
    cause,
  });
};

const ADVICE = `write into a Vector file of your own, and restart Vector, as a reload does not do it:
[api]
enabled = true
address = "${DEFAULT_API_ADDRESS}"
It asks nobody who they are and shows every job's events: keep it on 127.0.0.1`;
