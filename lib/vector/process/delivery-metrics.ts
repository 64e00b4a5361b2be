import { createDeliveries, type DeliveryEvent } from './delivery.ts';
import { isMetric, readSamples, type Sample } from './samples.ts';

/**
 * What does not deliver, by the metrics of a Vector whose log somebody else has: looked at now and then, and each counter that
 * moved is a sign. Vector (0.57) counts there what it dropped, to the event; its reasons are short.
 */
export const createMeteredDeliveries = ({
  url,
  everyMs = 10_000,
  readTimeoutMs = 2_000,
  now = Date.now,
}: {
  url: string;
  everyMs?: number;
  readTimeoutMs?: number;
  now?: () => number;
}) => {
  const deliveries = createDeliveries({ now });
  let before: Counters | undefined;
  const look = async (): Promise<void> => {
    const samples = await readSamples({ url, readTimeoutMs });
    if (samples === undefined) return;
    const counters = countersIn(samples);
    const explained = new Set<string>();
    for (const event of eventsOf({ before, counters })) {
      deliveries.see(explained.has(event.component) ? { ...event, said: undefined } : event);
      if (event.said !== undefined) explained.add(event.component);
    }
    before = counters;
  };
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    await look();
    isLooking = false;
  }, everyMs);
  timer.unref();
  return { look, troubles: deliveries.troubles, stop: () => clearInterval(timer) };
};

type Counters = ReadonlyMap<string, { event: DeliveryEvent; value: number }>;

const countersIn = (samples: readonly Sample[]): Counters => {
  const counters = new Map<string, { event: DeliveryEvent; value: number }>();
  for (const sample of samples.toSorted((a, b) => rankOf(a) - rankOf(b))) {
    const event = eventOf(sample);
    if (event === undefined) continue;
    const key = JSON.stringify([event.component, event.kind, event.said]);
    counters.set(key, { event, value: (counters.get(key)?.value ?? 0) + sample.value });
  }
  return counters;
};

/** The most telling reasons first: the first one is kept. */
const RANKED = ['http_client_responses_total', 'http_client_errors_total', 'component_errors_total'];
const rankOf = ({ metric }: Sample): number => {
  const rank = RANKED.findIndex((name) => metric.endsWith(name));
  return rank === -1 ? RANKED.length : rank;
};

/** What it says when this counter moves; undefined for one that says nothing of a delivery. */
const eventOf = (sample: Sample): DeliveryEvent | undefined => {
  const { labels } = sample;
  const { component_id: component } = labels;
  const is = (name: string) => isMetric(sample, name);
  if (component === undefined) return undefined;
  if (is('component_discarded_events_total') && labels.intentional === 'false')
    return { component, kind: 'drops', dropped: 0, said: undefined };
  if (labels.component_kind !== 'sink') return undefined;
  const waits = (said: string | undefined): DeliveryEvent => ({ component, kind: 'retries', dropped: 0, said });
  if (is('component_errors_total')) return waits(labels.error_type);
  if (is('http_client_errors_total')) return waits(labels.error_kind);
  if (is('http_client_responses_total') && /^[45]\d\d/.test(labels.status ?? ''))
    return waits(`it answers with HTTP status ${labels.status}`);
  return undefined;
};

/** The first page tells what was, not when. A counter that is smaller counts anew: Vector was started again, or forgot it. */
const eventsOf = ({ before, counters }: { before: Counters | undefined; counters: Counters }): DeliveryEvent[] =>
  before === undefined
    ? []
    : [...counters].flatMap(([key, { event, value }]) => {
        const last = before.get(key)?.value ?? 0;
        const more = value >= last ? value - last : value;
        return more === 0 ? [] : [event.kind === 'drops' ? { ...event, dropped: more } : event];
      });
