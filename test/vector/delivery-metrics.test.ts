import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { createMeteredDeliveries } from '../../lib/vector/process/delivery-metrics.ts';

// As Vector 0.57 wrote them, of http sinks whose servers answer 503, 400 and not at all.
const sink = (id: string) => `component_id="${id}",component_kind="sink",component_type="http",host="vm"`;
const busy = (count: number) =>
  `vector_http_client_responses_total{${sink('busy')},status="503"} ${count} 1795697732573`;
const fine = (count: number) =>
  `vector_http_client_responses_total{${sink('fine')},status="200"} ${count} 1795697732573`;
const closed = (count: number) =>
  `vector_http_client_errors_total{${sink('closed')},error_kind="tcp connect error: \\"refused\\" (os error 111)"} ${count} 1795697732573`;
const bad = (count: number) =>
  [
    `vector_component_discarded_events_total{${sink('bad')},intentional="false"} ${count * 6} 1795697732573`,
    `vector_component_errors_total{${sink('bad')},error_type="request_failed",stage="sending"} ${count} 1795697732573`,
    `vector_http_client_responses_total{${sink('bad')},status="400"} ${count} 1795697732573`,
  ].join('\n');
const meant = (count: number) =>
  `vector_component_discarded_events_total{component_id="f",component_kind="transform",intentional="true"} ${count}`;
const program = (count: number) =>
  `vector_component_discarded_events_total{component_id="nvl_a_parse",component_kind="transform",intentional="false"} ${count}`;
const reload = (count: number) => `vector_component_errors_total{error_code="config_load",host="vm"} ${count}`;

/** What is known after these pages, one a look; undefined: no answer. */
const seen = async (...pages: (string | undefined)[]) => {
  let page: string | undefined;
  const server = createServer((_, response) => {
    response.statusCode = page === undefined ? 503 : 200;
    response.end(page);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const deliveries = createMeteredDeliveries({ url, now: () => 1_000, everyMs: 100_000 });
  onTestFinished(deliveries.stop);
  for (page of pages) await deliveries.look();
  return deliveries.troubles().map(({ component, kind, dropped, said }) => [component, kind, dropped, said]);
};

const REFUSED = 'it answers with HTTP status 400';

test.each<[string, (string | undefined)[], unknown[]]>([
  ['what was before the first look', [bad(3)], []],
  ['counters that stand still', [bad(3), bad(3)], []],
  [
    'events that a sink drops, each of them, with the server’s answer',
    [bad(3), bad(5)],
    [['bad', 'drops', 12, REFUSED]],
  ],
  ['a counter that is new', ['', bad(1)], [['bad', 'drops', 6, REFUSED]]],
  ['one that counts anew', [bad(9), bad(2)], [['bad', 'drops', 12, REFUSED]]],
  ['no answer in between', [bad(1), undefined, bad(2)], [['bad', 'drops', 6, REFUSED]]],
  ['a busy server', [busy(1), busy(4)], [['busy', 'retries', 0, 'it answers with HTTP status 503']]],
  ['no server', [closed(1), closed(2)], [['closed', 'retries', 0, 'tcp connect error: "refused" (os error 111)']]],
  ['a server that takes all', [fine(1), fine(900)], []],
  ['a program that drops what it fails on', [program(1), program(2)], [['nvl_a_parse', 'drops', 1, '']]],
  ['what is dropped on purpose', [meant(1), meant(2)], []],
  ['a refused reload', [reload(1), reload(2)], []],
  [
    'another namespace',
    [bad(1), bad(2)].map((page) => page.replaceAll('vector_', 'my_')),
    [['bad', 'drops', 6, REFUSED]],
  ],
])('deliveries by metrics: %s', async (_, pages, expected) => expect(await seen(...pages)).toEqual(expected));

test('deliveries by metrics: they are looked at by themselves, until that is ended', async () => {
  let looks = 0;
  const server = createServer((_, response) => {
    looks += 1;
    response.end(bad(looks));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const deliveries = createMeteredDeliveries({ url, everyMs: 20 });
  onTestFinished(deliveries.stop);
  await expect
    .poll(() => deliveries.troubles(), { timeout: 20_000 })
    .toMatchObject([{ component: 'bad', kind: 'drops' }]);
});
