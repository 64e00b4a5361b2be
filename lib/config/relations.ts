import { formatDuration, parseDuration } from './duration.ts';
import type { Merged } from './merge.ts';
import { options } from './options.ts';

/** What no key can tell alone: keys that need, or contradict, each other. The keys themselves may still be faulty. */
export const relationFaults = ({ get }: Pick<Merged, 'get'>): Merged['issues'] => {
  const value = (key: string) => get(key.split('.')) ?? options.find((option) => option.key === key)?.default;
  const isSet = (key: string) => value(key) !== undefined;
  const ms = (key: string) => {
    const parsed = parseDuration(String(value(key)));
    return 'ms' in parsed ? parsed.ms : Number.NaN;
  };
  const broken: [key: string, isBroken: boolean, message: string][] = [
    ['nomad.clientCert', isSet('nomad.clientCert') && !isSet('nomad.clientKey'), 'needs nomad.clientKey beside it'],
    ['nomad.clientKey', isSet('nomad.clientKey') && !isSet('nomad.clientCert'), 'needs nomad.clientCert beside it'],
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
  return broken.filter(([, isBroken]) => isBroken).map(([key, , message]) => ({ path: key.split('.'), message }));
};
