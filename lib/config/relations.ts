import { formatDuration, parseDuration } from '../duration.ts';
import type { Merged } from './merge.ts';
import { options } from './options.ts';

/** Faults between keys: one needs another, or contradicts it. A key here may have a fault of its own, too. */
export const relationFaults = ({ get }: Pick<Merged, 'get'>): Merged['issues'] => {
  const value = (key: string) => get(key.split('.')) ?? options.find((option) => option.key === key)?.default;
  const isSet = (key: string) => value(key) !== undefined;
  const isTrue = (key: string) => String(value(key)) === 'true';
  const ms = (key: string) => {
    const parsed = parseDuration(String(value(key)));
    return 'ms' in parsed ? parsed.ms : Number.NaN;
  };
  const broken: [key: string, isBroken: boolean, message: string][] = [
    ['nomad.clientCert', isSet('nomad.clientCert') && !isSet('nomad.clientKey'), 'needs nomad.clientKey beside it'],
    ['nomad.clientKey', isSet('nomad.clientKey') && !isSet('nomad.clientCert'), 'needs nomad.clientCert beside it'],
    [
      'nomad.news',
      value('nomad.news') === 'events' && isTrue('collect.groupOnly'),
      'is "events", which collect.groupOnly has no use for: it asks for one allocation alone',
    ],
    [
      'collect.docker',
      value('collect.docker') !== 'off' && isTrue('collect.groupOnly'),
      'is for an nvl of a whole node, and collect.groupOnly has it collect one allocation',
    ],
    [
      'collect.removalDelay',
      ms('collect.removalDelay') > ms('collect.ceiling'),
      `is over collect.ceiling (${formatDuration(ms('collect.ceiling') || 0)}), which ends every wait; raise that too`,
    ],
    [
      'reload.method',
      value('reload.method') === 'command' && !isSet('reload.command'),
      'is "command", which needs reload.command',
    ],
    [
      'reload.confirm',
      value('reload.confirm') === 'metrics' && !isSet('reload.metrics'),
      'is "metrics", which needs reload.metrics',
    ],
  ];
  return [
    ...broken.filter(([, isBroken]) => isBroken).map(([key, , message]) => ({ path: key.split('.'), message })),
    ...hiddenRules(get(['rules'])),
  ];
};

/** Rules that never count: an earlier rule matches all of their tasks. Most likely the order is wrong. */
const hiddenRules = (rules: unknown): Merged['issues'] => {
  const list = Array.isArray(rules) ? rules.map(toTable) : [];
  return list.flatMap((rule, index) =>
    ['profile', 'sink'].flatMap((what) => {
      if (typeof rule[what] !== 'string') return [];
      const hides = (earlier: Record<string, unknown>): boolean =>
        typeof earlier[what] === 'string' &&
        isMatch(earlier.match) &&
        isMatch(rule.match) &&
        covers(earlier.match, rule.match);
      const by = list.slice(0, index).findIndex(hides);
      const message = `never chooses the ${what}: rule ${by + 1} matches all that it matches, and comes first`;
      return by === -1 ? [] : [{ path: ['rules', index, what], message }];
    }),
  );
};

const toTable = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};

/** True for a match without a fault. A faulty one is reported by the schema; it says nothing about other rules. */
const isMatch = (match: unknown): boolean =>
  typeof match === 'object' &&
  match !== null &&
  Object.entries(match).every(([key, condition]) =>
    key === 'meta' ? Object.values(toTable(condition)).every(isText) : RULE_KEYS.has(key) && isText(condition),
  );

const RULE_KEYS: ReadonlySet<string> = new Set(['namespace', 'job', 'group', 'task', 'driver']);

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

/** Every condition of the wider one stands in the narrower one too, word for word, or lets everything through. */
const covers = (wide: unknown, narrow: unknown): boolean =>
  Object.entries(toTable(wide)).every(([key, condition]) => {
    const other = toTable(narrow)[key];
    if (key === 'meta') return covers(condition, other);
    return condition === '*' || condition === other;
  });
