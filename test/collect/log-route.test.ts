import { expect, test } from 'vitest';
import { logRouteOf } from '../../lib/collect/log-route.ts';
import { anAllocation, firstTask } from '../support/builders.ts';

const routeOf = ({
  driver = 'docker',
  isDisabled = false,
  drivers = [],
  docker = 'docker_logs',
}: {
  driver?: string;
  isDisabled?: boolean;
  drivers?: string[];
  docker?: 'off' | 'docker_logs' | 'journald';
}) =>
  logRouteOf({
    task: firstTask(anAllocation({ driver, logsDisabled: isDisabled })),
    driversWithoutLogs: drivers,
    docker,
  });

test.each([
  ['Nomad writes its files', {}, 'files'],
  ['its job keeps no logs', { isDisabled: true }, 'containers'],
  ['its driver collects none', { drivers: ['docker'] }, 'containers'],
  ['both say so', { isDisabled: true, drivers: ['docker'] }, 'containers'],
  ['the journal is read', { isDisabled: true, docker: 'journald' as const }, 'containers'],
  ['no container is read', { isDisabled: true, docker: 'off' as const }, undefined],
  ['no container is read, and its driver collects none', { drivers: ['docker'], docker: 'off' as const }, 'files'],
  ['another driver, whose job keeps no logs', { driver: 'exec', isDisabled: true }, undefined],
  ['another driver, while docker collects none', { driver: 'exec', drivers: ['docker'] }, 'files'],
  ['podman, which has another engine', { driver: 'podman', isDisabled: true, drivers: ['podman'] }, undefined],
] as const)('%s', (_, given, route) => expect(routeOf(given as Parameters<typeof routeOf>[0])).toBe(route));
