import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { metricsAway, metricsPlace } from '../../lib/top/metrics-place.ts';
import type { TopReport } from '../../lib/top/report.ts';
import { aRawAllocation, idOf } from '../support/builders.ts';
import { daemonFiles } from '../support/daemon-files.ts';
import { freePort } from '../support/servers.ts';
import { waitFor } from '../support/wait.ts';
import { aFolder, aNomad, aVector, nvl, put, startNvl } from './support.ts';

/** A page of metrics, as it is at the moment. */
const aPage = async (text: () => string): Promise<string> => {
  const server = createServer((_, response) => void response.end(text()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
};

/** A node with one job that is read, and what its folder is. */
const aSite = async () => {
  const folder = await aFolder();
  const nomad = await aNomad(folder, [aRawAllocation({ id: idOf(1), job: 'web' })]);
  const vector = await aVector(folder);
  await put(folder, daemonFiles({ folder, address: nomad.address, config: { vector: { drain: '5s' } } }));
  startNvl(['run', '--', vector.binary, '-c', join(folder, 'team.toml')], { cwd: folder });
  const pipeline = await waitFor('the pipeline', async () => {
    const { out } = await nvl(['status', '--json'], { cwd: folder });
    const { list = [] } = out === '' ? {} : (JSON.parse(out) as { list?: { pipeline: string | null }[] });
    return list[0]?.pipeline ?? undefined;
  });
  return { folder, pipeline };
};

test('the daemon’s tasks, beside what Vector counted meanwhile', async () => {
  const { folder, pipeline } = await aSite();
  let looks = 0;
  const url = await aPage(() => {
    looks += 1;
    const labels = `component_id="${pipeline}",component_kind="source",component_type="file"`;
    return `vector_component_sent_events_total{${labels}} ${looks * 1_000}\n`;
  });
  const { code, out, err } = await nvl(['top', '--once', '--json', '--interval', '1s', '--url', url], { cwd: folder });
  expect([code, err]).toEqual([0, `nvl: counts for 1 s, by ${url}\n`]);
  const report = JSON.parse(out) as TopReport;
  expect(report).toMatchObject({ schema: 1, by: 'job', node: 'node-1', rows: [{ job: 'web', namespace: 'default' }] });
  expect((report.rows[0]?.lines ?? 0) * report.seconds).toBeCloseTo(1_000);
  const shown = await nvl(['top', '--once', '--interval', '1s', '--url', url], { cwd: folder });
  expect(shown.out).toMatch(/^web +1 /m);
});

test.each<[string, string[], RegExp]>([
  ['a time without a unit', ['--interval', '5'], /--interval "5" has no unit/],
  ['less than Vector’s metrics are behind', ['--interval', '500ms'], /--interval is at least 1s/],
  ['what is no URL', ['--url', '127.0.0.1:9598'], /is no URL of Vector's metrics/],
])('a call is refused for %s', async (_, args, said) => {
  const folder = await aFolder();
  await put(folder, { 'nvl.json': { root: 'root' } });
  const { code, err } = await nvl(['top', ...args], { cwd: folder });
  expect([code, err]).toEqual([1, expect.stringMatching(said)]);
});

test('nobody said where the metrics are, and nobody answers there: how to have them is said', async () => {
  const { folder } = await aSite();
  const unknown = await nvl(['top'], { cwd: folder });
  expect(unknown).toMatchObject({
    code: 1,
    err: expect.stringContaining("where Vector's own metrics are is not known"),
  });
  expect(unknown.err).toContain('type = "prometheus_exporter"');
  const url = `http://127.0.0.1:${await freePort()}/metrics`;
  const away = await nvl(['top', '--url', url], { cwd: folder });
  expect(away).toMatchObject({ code: 1, err: expect.stringContaining(`Vector's metrics cannot be read at ${url}`) });
  expect(away.err).toContain('ECONNREFUSED');
});

test('a page that is not Vector’s is none', async () => {
  const { folder } = await aSite();
  const url = await aPage(() => '<html></html>');
  const { code, err } = await nvl(['top', '--url', url], { cwd: folder });
  expect([code, err]).toEqual([1, expect.stringContaining('a page without any component of Vector’s')]);
});

test('a page without an end is read no further than it may be', async () => {
  const { folder } = await aSite();
  const piece = `${'x'.repeat(1_024)}\n`.repeat(1_024);
  const server = createServer((_, response) => {
    const more = (): void => void (response.writable && response.write(piece, more));
    more();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`;
  const { code, err } = await nvl(['top', '--url', url], { cwd: folder });
  expect([code, err]).toEqual([1, expect.stringMatching(/a page of more than 64 MiB|aborted due to timeout/)]);
});

test('rates are by the page’s own times, and a page that has not moved is waited for', async () => {
  const { folder, pipeline } = await aSite();
  let looks = 0;
  const url = await aPage(() => {
    looks += 1;
    const page = Math.floor(looks / 2);
    const labels = `component_id="${pipeline}",component_kind="source",component_type="file"`;
    return `vector_component_sent_events_total{${labels}} ${page * 300} ${1_000_000 + page * 15_000}\n`;
  });
  const { out } = await nvl(['top', '--once', '--json', '--interval', '1s', '--url', url], { cwd: folder });
  expect(JSON.parse(out)).toMatchObject({ seconds: 15, rows: [{ lines: 20 }] });
});

test('no nvl runs on the output root, and none did', async () => {
  const folder = await aFolder();
  await put(folder, { 'nvl.json': { root: 'root' } });
  const { code, err } = await nvl(['top', '--url', await aPage(() => '')], { cwd: folder });
  expect([code, err]).toEqual([1, expect.stringContaining('no nvl runs on this output root')]);
});

const EXPORTER = { address: undefined, isTls: false, file: 'a.toml' };

test.each([
  ['the flag first', { asked: 'http://a/m', configured: 'http://b/m', exporters: [EXPORTER] }, 'http://a/m'],
  ['then the configuration', { asked: undefined, configured: 'http://b/m', exporters: [EXPORTER] }, 'http://b/m'],
  [
    'then the team’s Vector files, at the exporter’s usual address',
    { asked: undefined, configured: undefined, exporters: [EXPORTER] },
    'http://127.0.0.1:9598/metrics',
  ],
  [
    'or the one that they say',
    { asked: undefined, configured: undefined, exporters: [{ ...EXPORTER, address: '[::]:9600', isTls: true }] },
    'https://[::1]:9600/metrics',
  ],
  ['or nowhere', { asked: undefined, configured: undefined, exporters: [] }, undefined],
])('where the metrics are looked for: %s', (_, given, url) => expect(metricsPlace(given)).toBe(url));

test('what is said of metrics that are away has no empty lines', () =>
  expect(Object.keys(metricsAway({ url: 'http://a/m', said: 'x' }).facts)).toEqual(['said']));
