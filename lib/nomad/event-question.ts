import { messageOf, NvlError } from '../errors.ts';
import { asAnswerError, type RequestFacts } from './answer-error.ts';
import type { OpenAnswer } from './open-answer.ts';
import type { NomadRequest } from './request.ts';

export type EventQuestion = {
  /**
   * `GET /v1/event/stream` of all allocations of the region: the body, piece by piece; `readEventLines` (lib/nomad/event-lines.ts) reads it. It begins with what Nomad
   * still has from `index` on, that included; 0: from what it has. Throws as `NomadClient` does, and in the midst of it: `nomadRefused` where nothing comes, and
   * `nomadAway` where it ends or is silent for longer than Nomad's heartbeats are apart.
   *
   * @source https://developer.hashicorp.com/nomad/api-docs/events#event-stream
   */
  allocationEvents(question: { index: number; signal: AbortSignal }): AsyncIterable<Buffer>;
};

export const eventQuestion = ({
  open,
  timeoutMs,
  silentMs = SILENT_MS,
}: {
  open: (request: NomadRequest) => Promise<{ answer: OpenAnswer; request: RequestFacts }>;
  /** How long the first heartbeat may take, which Nomad sends at once. */
  timeoutMs: number;
  /** How long nothing may come after that. */
  silentMs?: number;
}): EventQuestion => ({
  async *allocationEvents({ index, signal }) {
    const { answer, request } = await open({
      path: '/v1/event/stream',
      query: { topic: 'Allocation', namespace: '*', index: String(index) },
      needs: NEEDS,
      signal,
      // The stream is of the server that the agent is connected to, whatever is asked.
      mayBeStale: false,
      silence: { firstMs: timeoutMs, laterMs: silentMs },
    });
    if (answer.status !== 200) throw asAnswerError(answer, request);
    let hasBegun = false;
    try {
      for await (const piece of answer.pieces) {
        hasBegun = true;
        yield piece;
      }
    } catch (error) {
      if (hasBegun || signal.aborted) throw error;
      throw neverBegan({ request, said: messageOf(error) });
    }
    throw hasBegun ? ended(request) : neverBegan({ request, said: 'the answer is empty' });
  },
});

/** Nomad sends a heartbeat each 30 s (nomad/event_endpoint.go), and gives up a reader who takes nothing for 40. */
const SILENT_MS = 45_000;

const NEEDS = 'the capability read-job in every namespace there is: namespace "*" { capabilities = ["read-job"] }';

/**
 * Since 1.11.2 Nomad takes the connection out of its HTTP server before it looks at the token: what it refuses is a 200 and no byte more, or an open
 * connection that is silent. Tried with Nomad 2.0.6.
 *
 * @source https://github.com/hashicorp/nomad/blob/main/command/agent/event_endpoint.go
 */
const neverBegan = ({ request, said }: { request: RequestFacts; said: string }): NvlError =>
  new NvlError('nomadRefused', {
    message: 'Nomad answers on its event stream and sends nothing, as it does where a token may not read it',
    facts: { from: request.shown, said, token: request.token, needs: request.needs },
    advice: 'give the token what it needs; nomad.news = "list" needs it in the namespaces alone that are collected',
  });

const ended = ({ shown }: RequestFacts): NvlError =>
  new NvlError('nomadAway', {
    message: 'Nomad ended its event stream',
    facts: { from: shown },
    advice: 'see whether the agent, or its servers, restart; nvl reads on by itself',
  });
