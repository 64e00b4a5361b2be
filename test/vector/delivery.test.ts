import { expect, test } from 'vitest';
import { createDeliveries, describeTrouble, readDelivery, troubleAdvice } from '../../lib/vector/process/delivery.ts';

// As Vector 0.57 wrote them: a mapping conflict of Elasticsearch, a 400 of Loki, a 503.
const line = (level: string, id: string, words: string) =>
  `2026-11-26T12:12:42.736145Z ${level.padStart(5)} sink{component_kind="sink" component_id=${id} component_type=x}:request{request_id=1}: ${words}`;
const conflict = line(
  'ERROR',
  'es',
  'vector::sinks::util::retries: Not retriable; dropping the request. reason="error type: mapper_parsing_exception, reason: failed to parse field [n]"',
);
const called = line(
  'ERROR',
  'es',
  'vector_common::internal_event::service: Service call failed. No retries or retries exhausted. error=None request_id=1 error_type="request_failed" stage="sending"',
);
const dropped = line(
  'ERROR',
  'es',
  'vector_common::internal_event::component_events_dropped: Events dropped intentional=false count=4 reason="Service call failed. No retries or retries exhausted."',
);
const loki = line(
  'ERROR',
  'lk',
  'vector::sinks::util::retries: Non-retriable error; dropping the request. error=Server responded with an error: 400 Bad Request',
);
const busy = line(
  'WARN',
  'h',
  'vector::sinks::util::retries: Retrying after response. reason=Default retry strategy: Service Unavailable',
);
const hidden = line(
  'ERROR',
  'es',
  'vector_common::internal_event::component_events_dropped: Internal log [Events dropped] is being suppressed to avoid flooding.',
);
const json =
  '{"timestamp":"2026-11-26T12:12:42.234899Z","level":"WARN","message":"Retrying after error.","error":"tcp connect error","target":"vector::sinks::util::retries","span":{"request_id":1,"name":"request"},"spans":[{"component_id":"lk","component_kind":"sink","component_type":"loki","name":"sink"}]}';

test.each([
  [
    'a mapping conflict',
    conflict,
    {
      component: 'es',
      kind: 'drops',
      dropped: 0,
      said: 'error type: mapper_parsing_exception, reason: failed to parse field [n]',
    },
  ],
  [
    'how many it was',
    dropped,
    { component: 'es', kind: 'drops', dropped: 4, said: 'Service call failed. No retries or retries exhausted.' },
  ],
  [
    'a refusal of Loki',
    loki,
    { component: 'lk', kind: 'drops', dropped: 0, said: 'Server responded with an error: 400 Bad Request' },
  ],
  [
    'a server that is busy',
    busy,
    { component: 'h', kind: 'retries', dropped: 0, said: 'Default retry strategy: Service Unavailable' },
  ],
  ['what is repeated', hidden, { component: 'es', kind: 'drops', dropped: 0, said: undefined }],
  ['a line of JSON', json, { component: 'lk', kind: 'retries', dropped: 0, said: 'tcp connect error' }],
  ['what is dropped on purpose', dropped.replace('=false', '=true'), undefined],
  ['an event that quotes such a line', `{"message":${JSON.stringify(conflict)},"level":"ERROR"}`, undefined],
  ['any other line', line('INFO', 'es', 'vector::topology::builder: Healthcheck passed.'), undefined],
])('a delivery: %s', (_, text, event) => expect(readDelivery(text)).toEqual(event));

test('deliveries: the cause is kept, drops are counted and outlast a retry, and silence ends it', () => {
  let now = 1_000;
  const deliveries = createDeliveries({ now: () => now });
  const see = (text: string) => deliveries.see(readDelivery(text) ?? expect.unreachable(text));
  for (const text of [conflict, called, dropped, hidden, dropped, busy]) see(text);
  const es = { component: 'es', kind: 'drops', since: 1_000, dropped: 8 } as const;
  expect(deliveries.troubles()).toMatchObject([
    { ...es, said: 'error type: mapper_parsing_exception, reason: failed to parse field [n]' },
    { component: 'h', kind: 'retries', since: 1_000, dropped: 0, said: 'Default retry strategy: Service Unavailable' },
  ]);
  now += 60_000;
  see(busy.replace('=h ', '=es '));
  now += 61_000;
  expect(deliveries.troubles()).toMatchObject([{ component: 'es', kind: 'drops', dropped: 8 }]);
  now += 60_000;
  expect(deliveries.troubles()).toEqual([]);
});

test('deliveries: told with the task whose component it is', () => {
  const trouble = { component: 'nvl_1_app_1_parse', kind: 'drops', since: 0, dropped: 3, said: 'no' } as const;
  expect(describeTrouble(trouble, 'shop / app')).toBe(
    "Vector's nvl_1_app_1_parse (shop / app) drops events, 3 or more so far: no",
  );
});

test('deliveries: another reason of the same kind takes the place of the first, and what only counts does not', () => {
  const deliveries = createDeliveries();
  const see = (text: string) => deliveries.see(readDelivery(text) ?? expect.unreachable(text));
  for (const text of [conflict, dropped, conflict.replace('[n]', '[m]'), dropped]) see(text);
  expect(deliveries.troubles().map(({ said }) => said)).toEqual([
    'error type: mapper_parsing_exception, reason: failed to parse field [m]',
  ]);
});

test('deliveries: a sink that was taken out and still tries is told as such, once it had time to end', () => {
  let now = 1_000;
  const deliveries = createDeliveries({ now: () => now });
  const see = () => deliveries.see(readDelivery(busy) ?? expect.unreachable());
  const look = (isLoaded: boolean) => deliveries.troubles(() => isLoaded).map(({ isRemoved }) => isRemoved);
  see();
  expect(look(true)).toEqual([undefined]);
  now += 10_000;
  expect(look(false)).toEqual([undefined]);
  now += 29_000;
  see();
  expect(look(false)).toEqual([undefined]);
  now += 2_000;
  see();
  expect(look(false)).toEqual([true]);
  const [trouble] = deliveries.troubles(() => false);
  if (trouble === undefined) throw new Error('no trouble');
  expect(describeTrouble(trouble)).toContain(
    "Vector's h was taken out of the configuration, and still tries to deliver",
  );
  expect(troubleAdvice(trouble, 47)).toContain('kill -TERM 47');
  expect(troubleAdvice(trouble, undefined)).toMatch(/^restart Vector: /);
  expect(look(true)).toEqual([undefined]);
  now += 120_000;
  expect(look(false)).toEqual([]);
});
