import { NvlError } from '../errors.ts';
import type { Answer } from './connection.ts';

export type RequestFacts = {
  /** What was asked and of whom: `GET /v1/node/… at http://…`. */
  shown: string;
  /** The ACL rules that this answer takes, as they stand in a policy. */
  needs: string;
  /** Where the token came from. */
  token: string;
};

/** An answer that says the token is not good enough. */
export const isRefusal = ({ status, text }: Answer): boolean =>
  status === 401 || status === 403 || (status === 500 && ABOUT_TOKEN.test(text));

/**
 * Nomad answers 500 for an expired or malformed token where the agent itself checks it (agent/self). A lost connection
 * to the servers reads `failed to resolve ACL token: rpc error: …` and is no refusal. Nomad 2.0.6, command/agent/http.go.
 */
const ABOUT_TOKEN =
  /Permission denied$|ACL token (not found|expired|is invalid)|failed to parse signed token|invalid workload identity/;

/**
 * Nomad agents that shut down answer what they no longer can ask their servers with an empty 200 or a 404, of index 0
 * and without a leader (client/rpc.go; tried with Nomad 2.0.6). Servers never answer so but when they know nothing.
 */
export const isFromNoServer = ({ headers }: Answer): boolean =>
  headers['x-nomad-index'] === '0' && headers['x-nomad-knownleader'] === 'false';

export const fromNoServer = ({ shown }: RequestFacts): NvlError =>
  new NvlError('nomadAway', {
    message: "Nomad's agent answered without its servers, as it does while it shuts down",
    facts: { from: shown },
    advice: 'see whether the agent restarts; nvl asks again by itself',
  });

/** The error that an answer other than 200 stands for. */
export const asAnswerError = (answer: Answer, request: RequestFacts): NvlError => {
  const { status, text } = answer;
  const facts = saidIn(answer, request);
  if (isRefusal(answer)) return refused(request, facts);
  if (status === 429) {
    return new NvlError('nomadAway', {
      message: 'Nomad takes no more connections',
      facts,
      advice: 'raise limits.http_max_conns_per_client of the agent, or find who holds so many',
    });
  }
  if (status < 500) {
    return new NvlError('nomadAnswer', {
      message: 'Nomad did not answer as it should',
      facts: { ...facts, location: [answer.headers.location].flat()[0] },
      advice: /HTTP request to an HTTPS server/i.test(text)
        ? 'write the address with https://'
        : "see that the address is that of Nomad's HTTP API (4646)",
    });
  }
  return new NvlError('nomadAway', { facts, ...failure(text) });
};

/** What was asked, and what Nomad said. */
export const saidIn = ({ status, text }: Answer, { shown }: RequestFacts) => ({
  from: shown,
  said: `${status} ${pieceOf(text)}`.trim(),
});

export const refused = ({ needs, token }: RequestFacts, facts: Record<string, string>): NvlError =>
  new NvlError('nomadRefused', {
    message: 'Nomad refused what nvl asked',
    facts: { ...facts, token, needs },
    advice: token.startsWith('none')
      ? 'give nvl a token by nomad.tokenFile or NOMAD_TOKEN'
      : 'give that token a policy with what it needs, or see whether it has expired',
  });

const failure = (text: string): { message: string; advice: string } => {
  if (text.includes('No path to region')) {
    return {
      message: 'Nomad knows no such region',
      advice: 'set nomad.region (--region, NOMAD_REGION) to one of `nomad server members`',
    };
  }
  if (/No cluster leader|Not ready to serve consistent reads/.test(text)) {
    return {
      message: 'The Nomad servers have no leader',
      advice: 'see `nomad operator raft list-peers`; nvl asks again by itself',
    };
  }
  if (/no servers|failed to get conn|No path to node/.test(text)) {
    return {
      message: "Nomad's agent does not reach its servers",
      advice: 'see `nomad node status -self` and the log of the agent',
    };
  }
  return { message: "Nomad's agent failed to answer", advice: 'see the log of the agent' };
};

/** The JSON of an answer. Throws `nomadAnswer`. */
export const readJson = ({ status, text }: Answer, request: RequestFacts): unknown => {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unexpected({ message: "Nomad's answer is not JSON", status, text, request, cause });
  }
};

/** The error of an answer whose JSON is of another kind than it should be. */
export const unexpected = ({
  message,
  status,
  text,
  request,
  cause,
}: {
  message: string;
  status: number;
  text: string;
  request: RequestFacts;
  cause?: unknown;
}): NvlError =>
  new NvlError('nomadAnswer', {
    message,
    facts: { from: request.shown, said: `${status} ${pieceOf(text)}`.trim() },
    advice: "see that the address is that of Nomad's HTTP API, and what stands between",
    cause,
  });

/** A short piece of a body, harmless on a terminal. */
export const pieceOf = (text: string): string => {
  const plain = text
    .slice(0, 2_000)
    .replace(/[\p{C}\s]+/gu, ' ')
    .trim();
  return plain.length > 200 ? `${plain.slice(0, 200)}…` : plain;
};
