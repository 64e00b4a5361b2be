import { expect, test } from 'vitest';
import type { Config } from '../../lib/config/config.ts';
import { reloaderFor } from '../../lib/wiring/reloader.ts';
import { aConfig } from '../support/builders.ts';

type Case = [
  name: string,
  reload: Partial<Config['reload']>,
  more: { watches?: boolean; isSupervised?: boolean },
  way: string,
];

const choose = (reload: Case[1], { watches = false, isSupervised }: Case[2] = {}) =>
  reloaderFor({
    config: aConfig({ reload }),
    cwd: '/',
    dataDir: '/data',
    watches,
    supervisor: isSupervised ? { reload: async () => ({ kind: 'reloaded' }) } : undefined,
  });

test.each<Case>([
  ['nvl runs it', {}, { isSupervised: true }, 'supervised'],
  ['nvl runs it, whatever else is set', { pidFile: '/run/vector.pid' }, { isSupervised: true }, 'supervised'],
  ['a pid file', { pidFile: '/run/vector.pid' }, {}, 'signal'],
  ['a command', { command: ['true'] }, {}, 'command'],
  ['a command goes before a pid file', { command: ['true'], pidFile: '/run/vector.pid' }, {}, 'command'],
  ['it watches its files', {}, { watches: true }, 'watch'],
  ['the pid file goes before that', { pidFile: '/run/vector.pid' }, { watches: true }, 'signal'],
  ['what is asked for: signal', { method: 'signal', pidFile: '/p', command: ['true'] }, {}, 'signal'],
  ['what is asked for: watch', { method: 'watch', pidFile: '/p' }, {}, 'watch'],
  ['what is asked for: none', { method: 'none', pidFile: '/p' }, {}, 'none'],
])('how Vector is made to reload: %s', (_, reload, more, way) => {
  expect(choose(reload, more).name).toBe(way);
});

test('nothing says how: that is told with what to set', () => {
  expect(() => choose({})).toThrow(
    expect.objectContaining({ code: 'configInvalid', advice: expect.stringContaining('reload.pidFile') }),
  );
  expect(() => choose({ method: 'signal' })).toThrow('reload.pidFile is not set');
});

test('without a reload what is written counts as loaded', async () => {
  expect(await choose({ method: 'none' }).reload({ added: [], timeoutMs: 1 })).toEqual({ kind: 'reloaded' });
});
