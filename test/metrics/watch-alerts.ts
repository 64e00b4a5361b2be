import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parse } from 'yaml';
import { projectFolder } from '../support/nvl.ts';
import { evaluate, keyOf, type Scrape } from './evaluate.ts';
import { type ReadMetric, readPage } from './support.ts';

export type Rule = {
  alert: string;
  expr: string;
  for: string;
  labels: Record<string, string>;
  annotations: Record<string, string>;
};

/** The rules of monitoring/alerts.yaml. */
export const readRules = (): Rule[] => {
  const text = readFileSync(join(projectFolder, 'monitoring/alerts.yaml'), 'utf8');
  return (parse(text) as { groups: { rules: Rule[] }[] }).groups.flatMap((group) => group.rules);
};

/** A Prometheus in small: it scrapes `/metrics` of some nvls, again and again, and evaluates the rules after each time. */
export type AlertWatch = {
  /** Another nvl to be scraped, by the name that its series have as `instance`. */
  add(instance: string, address: string): void;
  /** Nobody wants it any more; what is pending of it is forgotten. */
  remove(instance: string): void;
  /** Which alerts fire for an instance; those of a rule that is about no single one, for ''. */
  firing(instance: string): string[];
  /** Which have fired since then, a time in ms. */
  firedSince(instance: string, since: number): string[];
  /** Which have an expression that is true, however long it has been. */
  pending(instance: string): string[];
  /** How often all were scraped. */
  count(): number;
  stop(): Promise<void>;
};

/** A scrape that takes longer is none. */
const TIMEOUT_MS = 5_000;

/**
 * `faster`: all times of the rules, their `for` and their ranges, are so many times shorter, as nobody waits a quarter of an hour for a
 * test. Rates stay what they are: by the second.
 */
export const watchAlerts = ({
  rules,
  faster,
  everyMs = 500,
}: {
  rules: readonly Rule[];
  faster: number;
  everyMs?: number;
}): AlertWatch => {
  const addresses = new Map<string, string>();
  const scrapes: Scrape[] = [];
  let pending: readonly Pending[] = [];
  /** When an alert fired last, by instance and alert. */
  const fired = new Map<string, Map<string, number>>();
  let count = 0;
  const stopping = new AbortController();
  const look = async (): Promise<void> => {
    const page = pageOf(await Promise.all([...addresses].map(([instance, address]) => scrape({ instance, address }))));
    const now: Scrape = { at: Date.now() / 1_000, page };
    scrapes.push(now);
    const within = (seconds: number) => scrapes.filter(({ at }) => at >= now.at - seconds / faster);
    pending = rules.flatMap((rule) =>
      evaluate(faster === 1 ? rule.expr : withShortAges(rule.expr, faster), { now, within }).map(({ labels }) => {
        const key = `${rule.alert} ${keyOf(labels)}`;
        const since = pending.find((one) => one.key === key)?.since ?? now.at;
        const isFiring = now.at - since >= secondsOf(rule.for) / faster;
        return { key, alert: rule.alert, instance: labels.instance ?? '', since, isFiring };
      }),
    );
    for (const { instance, alert, isFiring } of pending)
      if (isFiring) fired.set(instance, (fired.get(instance) ?? new Map()).set(alert, now.at * 1_000));
    count += 1;
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look();
      await sleep(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  };
  const running = run();
  const alertsOf = (instance: string, isWanted: (one: Pending) => boolean): string[] =>
    [...new Set(pending.filter((one) => one.instance === instance && isWanted(one)).map(({ alert }) => alert))].sort();
  return {
    add: (instance, address) => void addresses.set(instance, address),
    remove: (instance) => {
      addresses.delete(instance);
      pending = pending.filter((one) => one.instance !== instance);
    },
    firing: (instance) => alertsOf(instance, ({ isFiring }) => isFiring),
    firedSince: (instance, since) =>
      [...(fired.get(instance) ?? [])].flatMap(([alert, at]) => (at >= since ? [alert] : [])),
    pending: (instance) => alertsOf(instance, () => true),
    count: () => count,
    stop: async () => {
      stopping.abort();
      await running;
    },
  };
};

type Pending = { key: string; alert: string; instance: string; since: number; isFiring: boolean };

const secondsOf = (text: string): number => Number.parseInt(text, 10) * (text.endsWith('h') ? 3_600 : 60);

/** How old something is at most is a time, too. */
const withShortAges = (expr: string, faster: number): string =>
  expr.replace(/(time\(\) - \w+ > )(\d+)/, (_, what: string, seconds: string) => `${what}${Number(seconds) / faster}`);

/** All series of all instances. */
const pageOf = (pages: readonly Map<string, ReadMetric>[]): Scrape['page'] => {
  const all = new Map<string, ReadMetric>();
  for (const page of pages)
    for (const [name, metric] of page)
      all.set(name, { ...metric, samples: [...(all.get(name)?.samples ?? []), ...metric.samples] });
  return all;
};

/** As Prometheus labels it; of one that does not answer, that it is not up. */
const scrape = async ({ instance, address }: { instance: string; address: string }): Promise<Scrape['page']> => {
  const own = { job: 'nvl', instance };
  const text = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(TIMEOUT_MS) })
    .then(async (answer) => (answer.ok ? answer.text() : undefined))
    .catch(() => undefined);
  const up: ReadMetric = {
    ...{ help: '', type: 'gauge' },
    samples: [{ name: 'up', labels: own, value: text === undefined ? '0' : '1' }],
  };
  const page = text === undefined ? new Map<string, ReadMetric>() : readPage(text);
  const labelled = [...page].map(([name, metric]): [string, ReadMetric] => [
    name,
    // What has a label of the same name keeps it as `exported_…`.
    {
      ...metric,
      samples: metric.samples.map(({ labels: { job, ...labels }, ...one }) => ({
        ...one,
        labels: { ...labels, ...(job !== undefined && { exported_job: job }), ...own },
      })),
    },
  ]);
  return new Map([['up', up], ...labelled]);
};
