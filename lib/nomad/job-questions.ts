import { NvlError } from '../errors.ts';
import type { LogStream } from '../link-name.ts';
import { asAnswerError, fromNoServer, isFromNoServer, pieceOf, readJson, unexpected } from './answer-error.ts';
import type { OpenAnswer } from './open-answer.ts';
import { blocking, type Exchange, indexOf, type NomadRequest, readObject } from './request.ts';

/**
 * What nvl asks about a job that may run anywhere. Of a token it takes no more than `read-job` and `read-logs` in the job's namespace. Errors
 * are those of `NomadClient`.
 */
export type JobQuestions = {
  /** `GET /v1/job/:id`: an object, or undefined where there is none of this id. */
  job(id: string, question: { namespace: string; signal?: AbortSignal }): Promise<unknown>;
  /**
   * `POST /v1/jobs/parse`: the JSON of a jobspec in HCL, which changes nothing. Throws `jobspecInvalid` for one that Nomad does not take.
   *
   * @source https://developer.hashicorp.com/nomad/api-docs/jobs#parse-job
   */
  parseJob(hcl: string, question: { namespace: string | undefined; signal?: AbortSignal }): Promise<string>;
  /** `GET /v1/job/:id/allocations`: stubs, blocking as `nodeAllocations` does. A job that nobody knows has none. */
  jobAllocations(id: string, question: StubQuestion): Promise<StubList>;
  /**
   * `GET /v1/allocations`: stubs of whatever the token may read, blocking until any allocation of the region changes. `filter` is an expression of
   * Nomad's. Of `prefix` Nomad takes an even number of hexadecimal digits alone.
   *
   * @source https://developer.hashicorp.com/nomad/api-docs/allocations#list-allocations
   */
  allocations(question: StubQuestion & { filter?: string; prefix?: string }): Promise<StubList>;
  /**
   * `GET /v1/client/fs/logs/:id`: the body, piece by piece; `readFrames` (lib/nomad/log-frames.ts) reads it. It ends with what is there, or where `follows`
   * not at all. Throws `logsMissing` too.
   *
   * @source https://developer.hashicorp.com/nomad/api-docs/client#stream-logs
   */
  logs(allocId: string, question: LogQuestion): AsyncIterable<Buffer>;
};

/** `namespace`: `*` for all of them. */
export type StubQuestion = { namespace: string; index?: number | undefined; waitMs?: number; signal?: AbortSignal };

/** Elements as Nomad has them. An index of 0 is none: it cannot be waited on. */
export type StubList = { index: number; stubs: readonly unknown[] };

/** `offset`: in bytes, from the beginning of the oldest file that is there, or back from the end of the newest. */
export type LogQuestion = {
  task: string;
  stream: LogStream;
  follows: boolean;
  origin: 'start' | 'end';
  offset: number;
  signal?: AbortSignal;
};

export const jobQuestions = ({
  ask,
  open,
}: {
  ask: (request: NomadRequest) => Promise<Exchange>;
  open: (request: NomadRequest) => Promise<Exchange & { answer: OpenAnswer }>;
}): JobQuestions => {
  const stubs = async (path: string, { namespace, index = 0, waitMs, signal }: StubQuestion, query = {}) => {
    const wait = index === 0 ? undefined : blocking({ index, waitMs });
    const asked = { namespace, ...query, ...wait?.query };
    return readStubs(await ask({ path, needs: READ_JOB, signal, waitMs: wait?.waitMs ?? 0, query: asked }));
  };
  return {
    async job(id, { namespace, signal }) {
      const path = `/v1/job/${encodeURIComponent(id)}`;
      const answered = await ask({ path, query: { namespace }, needs: READ_JOB, signal });
      if (answered.answer.status !== 404) return readObject(answered);
      if (isFromNoServer(answered.answer)) throw fromNoServer(answered.request);
      return undefined;
    },

    async parseJob(hcl, { namespace, signal }) {
      const body = { JobHCL: hcl, Canonicalize: false };
      const query = namespace === undefined ? {} : { namespace };
      const needs = 'the capability parse-job (or submit-job) in the namespace';
      const { answer, request } = await ask({ path: '/v1/jobs/parse', query, body, needs, signal, mayBeStale: false });
      if (answer.status === 400) throw notParsed(answer.text);
      if (answer.status !== 200) throw asAnswerError(answer, request);
      return answer.text;
    },

    jobAllocations: (id, question) => stubs(`/v1/job/${encodeURIComponent(id)}/allocations`, question),

    allocations: ({ filter, prefix, ...question }) =>
      stubs('/v1/allocations', question, {
        ...(filter === undefined ? {} : { filter }),
        ...(prefix === undefined ? {} : { prefix }),
      }),

    async *logs(allocId, { task, stream, follows, origin, offset, signal }) {
      const { answer, request } = await open({
        path: `/v1/client/fs/logs/${encodeURIComponent(allocId)}`,
        query: { task, type: stream, follow: String(follows), origin, offset: String(offset) },
        needs: "the capability read-logs in the allocation's namespace",
        signal,
      });
      if (answer.status === 404 || answer.status === 400) throw logsMissing(answer);
      if (answer.status !== 200) throw asAnswerError(answer, request);
      yield* answer.pieces;
    },
  };
};

/** Nomad names the line. An agent reads no file of whoever asks it, and knows no value of a variable. */
const notParsed = (text: string): NvlError =>
  new NvlError('jobspecInvalid', {
    message: 'Nomad does not take the jobspec',
    facts: { said: text.trim() },
    advice:
      'where it has variables or calls file(), have nomad read it: nomad job run -output -var … FILE | nvl sidecar -',
  });

/** The task has not started yet, has no file of this stream, or its node has cleared the allocation away. */
const logsMissing = ({ text }: OpenAnswer): NvlError =>
  new NvlError('logsMissing', { message: 'Nomad has no such log', facts: { said: pieceOf(text) } });

const READ_JOB = "the capability read-job in the job's namespace";

const readStubs = ({ answer, request }: Exchange): StubList => {
  if (answer.status !== 200) throw asAnswerError(answer, request);
  if (isFromNoServer(answer)) throw fromNoServer(request);
  const list = readJson(answer, request);
  const { status, text } = answer;
  if (!Array.isArray(list)) throw unexpected({ message: "Nomad's answer is not a list", status, text, request });
  return { index: indexOf(answer), stubs: list };
};
