import { callApi } from './call.ts';
import { readProtobuf, writeProtobuf } from './protobuf.ts';

/** One event that a component gave. `log`: a `Log` of Vector's in protobuf, with its metadata. */
export type TappedOutput = { component: string; log: Buffer };

/** So many events at most in each interval, in ms, whatever components they are from; of more, a random sample comes. */
export type TapSample = { limit: number; intervalMs: number };

type Asked = { url: string; signal: AbortSignal };

/**
 * What these components give from now on, as far as Vector's tap shows it: a component that is made or changed later is tapped
 * then. Vector waits for no tap, and leaves out what it cannot hand on. What is no log is left out.
 * Vector's own `vector tap` prints an event without its metadata, in which alone is told which line it came from.
 * Throws what `callApi` throws.
 *
 * @source vector 0.57.0: `stream_output_events` in src/api/grpc/service.rs, lib/vector-tap/src/controller.rs
 */
export const tapOutputs = async function* ({
  components,
  sample: { limit, intervalMs },
  ...asked
}: Asked & { components: readonly string[]; sample: TapSample }): AsyncGenerator<TappedOutput> {
  const request = writeProtobuf([
    ...components.map((id) => [OUTPUTS_PATTERN, id] as const),
    [LIMIT, limit],
    [INTERVAL_MS, intervalMs],
  ]);
  for await (const message of callApi({ ...asked, method: 'StreamOutputEvents', request })) {
    const tapped = memberOf(message, TAPPED_EVENT);
    const component = tapped && memberOf(tapped, COMPONENT_ID)?.toString('utf8');
    const wrapper = tapped && memberOf(tapped, EVENT);
    const log = wrapper && memberOf(wrapper, LOG);
    if (component !== undefined && log !== undefined) yield { component, log };
  }
};

/** The ids of all components that Vector runs. Throws what `callApi` throws. */
export const componentsOfVector = async (asked: Asked): Promise<ReadonlySet<string>> => {
  const ids = new Set<string>();
  for await (const message of callApi({ ...asked, method: 'GetComponents', request: writeProtobuf([]) }))
    for (const { number, value } of readProtobuf(message)) {
      if (number === COMPONENTS && typeof value !== 'bigint')
        ids.add(memberOf(value, COMPONENT_ID)?.toString('utf8') ?? '');
    }
  return ids;
};

/** Numbers of fields: of `StreamOutputEventsRequest`, `StreamOutputEventsResponse`, `TappedEvent`, `EventWrapper`, `GetComponentsResponse`. */
const [OUTPUTS_PATTERN, LIMIT, INTERVAL_MS] = [1, 3, 4] as const;
const TAPPED_EVENT = 1;
const [COMPONENT_ID, EVENT] = [1, 4] as const;
const LOG = 1;
const COMPONENTS = 1;

const memberOf = (message: Buffer, wanted: number): Buffer | undefined => {
  for (const { number, value } of readProtobuf(message))
    if (number === wanted && typeof value !== 'bigint') return value;
  return undefined;
};
