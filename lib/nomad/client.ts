import type { Config } from '../config/config.ts';
import { NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import {
  asAnswerError,
  fromNoServer,
  isFromNoServer,
  isRefusal,
  type RequestFacts,
  readJson,
  refused,
  saidIn,
  unexpected,
} from './answer-error.ts';
import { type Answer, createConnection, type HttpRequest } from './connection.ts';
import { type EventQuestion, eventQuestion } from './event-question.ts';
import { type JobQuestions, jobQuestions } from './job-questions.ts';
import { createListReader, type ListElement } from './list-elements.ts';
import { blocking, type Exchange, indexOf, type NomadRequest, readObject } from './request.ts';
import { createTokenSource } from './token.ts';

/**
 * What nvl asks Nomad. Every call throws `nomadAway`, `nomadRefused` or `nomadAnswer` (lib/errors.ts), or rejects with
 * the reason of its signal. No call is filtered by namespace: the token decides what is seen.
 */
export type NomadClient = {
  /** `GET /v1/agent/self`: an object. */
  agentSelf(options?: { signal?: AbortSignal }): Promise<unknown>;
  /** `GET /v1/node/:id`: an object. Throws `nodeUnknown` too. */
  node(id: string, options?: { signal?: AbortSignal }): Promise<unknown>;
  /**
   * `GET /v1/node/:id/allocations`: blocks, for `waitMs` at most (60 s; Nomad's own limit is 300 s), until the list is
   * newer than `index`. `onElement` is handed each allocation while they arrive; they are worth something only when the
   * answer was whole. An unknown node has an empty list.
   */
  nodeAllocations(nodeId: string, question: ListQuestion): Promise<ListAnswer>;
  /** `GET /v1/allocation/:id`, of no stale server: whether Nomad has it, or the token may not know. */
  allocationExists(id: string, options?: { signal?: AbortSignal }): Promise<'present' | 'gone' | 'hidden'>;
  /** The same question, for what Nomad has of it: an object, or undefined where it has or tells nothing. */
  allocation(id: string, options?: { signal?: AbortSignal }): Promise<unknown>;
  /** The same again, blocking as `nodeAllocations` does. Throws `nomadRefused` too where the token may not know. */
  followAllocation(id: string, question: Omit<ListQuestion, 'onElement'>): Promise<AllocationAnswer>;
  /** Cuts what is under way. */
  close(): Promise<void>;
} & JobQuestions &
  EventQuestion;

export type ListQuestion = {
  index?: number | undefined;
  waitMs?: number | undefined;
  signal?: AbortSignal | undefined;
  onElement: (element: ListElement) => void;
};

/** An index of 0 is none: it cannot be waited on. `bytes`: how large the list is, unpacked. */
export type ListAnswer = { index: number; knownLeader: boolean; bytes: number };

/** `raw`: the object, and `text` its JSON; undefined for an allocation that Nomad does not have. */
export type AllocationAnswer = ListAnswer & { raw: unknown; text: string };

/** Throws `configInvalid` when the settings cannot mean anything; files they name are read when they are needed. */
export const createNomadClient = (settings: Config['nomad'], { log }: { log?: Log } = {}): NomadClient => {
  const connection = createConnection(settings);
  const tokens = createTokenSource(settings);

  const sent = { settings, tokens, log };
  const ask = (request: NomadRequest): Promise<Exchange> =>
    exchange({ ...sent, shown: connection.shown, send: connection.ask, request });
  const open = async (request: Omit<NomadRequest, 'onPiece'>) =>
    exchange({ ...sent, shown: connection.shown, send: connection.open, request });

  return {
    ...jobQuestions({ ask, open }),
    ...eventQuestion({ open, timeoutMs: settings.timeout }),

    async agentSelf({ signal } = {}) {
      return readObject(await ask({ path: '/v1/agent/self', needs: 'agent { policy = "read" }', signal }));
    },

    async node(id, { signal } = {}) {
      const answered = await ask({
        path: `/v1/node/${encodeURIComponent(id)}`,
        needs: 'node { policy = "read" }',
        signal,
      });
      if (isUnknownNode(answered)) throw nodeUnknown(id, answered.request);
      return readObject(answered);
    },

    async nodeAllocations(nodeId, { index, waitMs, signal, onElement }) {
      const wait = index === undefined || index === 0 ? undefined : blocking({ index, waitMs });
      const list = takeList(onElement);
      const answered = await ask({
        path: `/v1/node/${encodeURIComponent(nodeId)}/allocations`,
        needs: 'node { policy = "read" }, and the capability read-job in every namespace',
        signal,
        onPiece: list.onPiece,
        ...wait,
      });
      return readList({ answered, list });
    },

    async allocationExists(id, { signal } = {}) {
      return readExistence(await ask(oneAllocation({ id, signal })));
    },

    async allocation(id, { signal } = {}) {
      const answered = await ask(oneAllocation({ id, signal }));
      return readExistence(answered) === 'present' ? readObject(answered) : undefined;
    },

    async followAllocation(id, { index, waitMs, signal }) {
      const wait = index === undefined || index === 0 ? undefined : blocking({ index, waitMs });
      return readFollowed(await ask({ ...oneAllocation({ id, signal }), ...wait }));
    },

    close: async () => connection.close(),
  };
};

const oneAllocation = ({ id, signal }: { id: string; signal: AbortSignal | undefined }): NomadRequest => ({
  path: `/v1/allocation/${encodeURIComponent(id)}`,
  needs: "the capability read-job in the allocation's namespace",
  signal,
  // A server that lags behind does not know the newest allocations: to it they look gone.
  mayBeStale: false,
});

/** Asks once, and once more where the token was renewed meanwhile. */
const exchange = async <Got extends Answer>({
  settings,
  shown,
  send,
  tokens,
  log,
  request: { path, query = {}, body, needs, waitMs = 0, signal, onPiece, silence, mayBeStale = settings.stale },
}: {
  settings: Config['nomad'];
  /** The address. */
  shown: string;
  send: (request: HttpRequest) => Promise<Got>;
  tokens: ReturnType<typeof createTokenSource>;
  log: Log | undefined;
  request: NomadRequest;
}): Promise<{ answer: Got; request: RequestFacts }> => {
  const httpRequest = {
    path,
    body: body === undefined ? undefined : JSON.stringify(body),
    query: {
      ...(settings.region === undefined || settings.region === '' ? {} : { region: settings.region }),
      ...(mayBeStale ? { stale: '' } : {}),
      ...query,
    },
    // Nomad adds up to a sixteenth of jitter to a wait.
    thinkMs: waitMs + waitMs / 16 + settings.timeout,
    signal,
    onPiece,
    silence,
  };
  const request: RequestFacts = {
    shown: `${body === undefined ? 'GET' : 'POST'} ${path} at ${shown}`,
    needs,
    token: tokens.shown,
  };
  const token = await tokens.read();
  const answer = await send({ ...httpRequest, token });
  if (!isRefusal(answer)) return { answer, request };
  const renewed = await tokens.read();
  if (renewed === token) return { answer, request };
  log?.debug({ path }, 'the token was renewed while Nomad was asked, asking again');
  return { answer: await send({ ...httpRequest, token: renewed }), request };
};

/** Nomad answers 500 to an id that is no UUID. */
const isUnknownNode = ({ answer, request }: Exchange): boolean => {
  if (answer.status === 404 && isFromNoServer(answer)) throw fromNoServer(request);
  return answer.status === 404 || (answer.status === 500 && answer.text.includes('UUID must be'));
};

const nodeUnknown = (id: string, { shown }: RequestFacts): NvlError =>
  new NvlError('nodeUnknown', {
    message: `Nomad knows no node ${JSON.stringify(id)}`,
    facts: { from: shown },
    advice:
      'leave nomad.nodeId out to let nvl find its node, or take the whole id from `nomad node status -self -verbose`',
  });

/** A list on its way, and the start of what came: a message shows it where it is something else. */
const takeList = (onElement: (element: ListElement) => void) => {
  const reader = createListReader({ onElement });
  const start: Buffer[] = [];
  const list = {
    bytes: 0,
    onPiece: (piece: Buffer): void => {
      if (list.bytes < START_BYTES) start.push(piece);
      list.bytes += piece.length;
      reader.push(piece);
    },
    end: reader.end,
    start: () => Buffer.concat(start).subarray(0, START_BYTES).toString('utf8'),
  };
  return list;
};

/** An error that Nomad would write, or a page of what stands between, is smaller. */
const START_BYTES = 65_536;

const readList = ({
  answered: { answer, request },
  list,
}: {
  answered: Exchange;
  list: ReturnType<typeof takeList>;
}): ListAnswer => {
  const { status, headers } = answer;
  const outcome = list.end();
  if (status !== 200) throw asAnswerError(answer, request);
  if (isFromNoServer(answer)) throw fromNoServer(request);
  if (outcome !== 'list') {
    const text = list.start();
    if (outcome === 'noList') readJson({ ...answer, text }, request);
    throw unexpected({
      message: outcome === 'noList' ? "Nomad's answer is not a list" : "Nomad's answer is not JSON",
      status,
      text,
      request,
    });
  }
  return {
    index: indexOf(answer),
    knownLeader: headers['x-nomad-knownleader'] !== 'false',
    bytes: list.bytes,
  };
};

const readFollowed = (answered: Exchange): AllocationAnswer => {
  const { answer, request } = answered;
  const existence = readExistence(answered);
  if (existence === 'hidden') throw refused(request, saidIn(answer, request));
  return {
    index: indexOf(answer),
    knownLeader: answer.headers['x-nomad-knownleader'] !== 'false',
    bytes: answer.text.length,
    raw: existence === 'gone' ? undefined : readObject(answered),
    text: answer.text,
  };
};

/**
 * Nomad 2.0.6 answers `500 Unknown allocation` about one whose namespace the token may not read, and 404 only about one
 * that is in no server's state (nomad/alloc_endpoint.go).
 */
const readExistence = ({ answer, request }: Exchange): 'present' | 'gone' | 'hidden' => {
  if (answer.status === 200) return 'present';
  if (answer.status === 403 || (answer.status === 500 && answer.text.includes('Unknown allocation'))) return 'hidden';
  if (answer.status !== 404) throw asAnswerError(answer, request);
  if (isFromNoServer(answer)) throw fromNoServer(request);
  return 'gone';
};
