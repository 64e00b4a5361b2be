import { readBounded } from '../config/read-bounded.ts';
import { messageOf, NvlError } from '../errors.ts';

export type TokenSource = {
  /** The token to send now; undefined when nvl was given none. Throws `nomadRefused` when its file never held one. */
  read(): Promise<string | undefined>;
  /** Where it comes from, for messages; never the token itself. */
  shown: string;
};

/**
 * A token file wins over a token, and is read before each request: it is a few bytes, and nothing cheaper sees every
 * way in which Nomad and others renew it (a rename, a rewrite in the same second). While it is gone or empty, as it is
 * in the middle of such a renewal, the last token it held is used.
 */
export const createTokenSource = ({ token, tokenFile }: { token?: string; tokenFile?: string }): TokenSource => {
  if (tokenFile === undefined) {
    const fixed = token === undefined || token.trim() === '' ? undefined : token.trim();
    const shown = fixed === undefined ? 'none was sent' : 'nomad.token (--token, NOMAD_TOKEN)';
    return { shown, read: async () => (fixed === undefined ? undefined : checked(fixed, shown)) };
  }

  const shown = `the file ${tokenFile}`;
  let last: string | undefined;
  return {
    shown,
    read: async () => {
      try {
        const read = await readBounded({ file: tokenFile, mostBytes: MOST_BYTES });
        if ('why' in read) throw new Error(read.why);
        last = checked(read.bytes.toString('utf8').trim(), shown);
      } catch (cause) {
        if (last === undefined) throw tokenUnreadable(cause, shown);
      }
      return last;
    },
  };
};

/** More than any header may have. */
const MOST_BYTES = 65_536;

/** A token is an UUID or a JWT; anything beyond printable ASCII would break the header it is sent in. */
const checked = (token: string, shown: string): string => {
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw new NvlError('nomadRefused', {
    message: token === '' ? 'The file for the Nomad token is empty' : 'What should be a Nomad token is none',
    facts: { token: shown },
    advice: 'give nvl a token by nomad.tokenFile or NOMAD_TOKEN',
  });
};

const tokenUnreadable = (cause: unknown, shown: string): NvlError =>
  cause instanceof NvlError
    ? cause
    : new NvlError('nomadRefused', {
        message: 'The file for the Nomad token cannot be read',
        facts: { token: shown, said: messageOf(cause) },
        advice: 'let nvl read that file, or set another with nomad.tokenFile',
        cause,
      });
