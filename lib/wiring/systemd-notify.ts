import { execa } from 'execa';
import { createServiceManager, type ServiceManager } from '../daemon/service-manager.ts';
import { NvlError } from '../errors.ts';
import type { Log } from '../log.ts';
import type { Io } from './io.ts';

/**
 * The service manager that started nvl, where NOTIFY_SOCKET names its socket (systemd, with `Type=notify`); else nobody is
 * told anything. Node has no datagram sockets of this kind, so the program `systemd-notify` sends each message; it waits until
 * systemd has read it (since version 246), without which a message of a process that has ended belongs to no unit.
 */
export const openServiceManager = ({ io, log }: { io: Pick<Io, 'env'>; log: Log }): ServiceManager => {
  if (!io.env.NOTIFY_SOCKET) return NOBODY;
  return createServiceManager({
    log,
    notify: async (assignments, { signal }) => {
      const { failed, exitCode, shortMessage, stderr } = await execa('systemd-notify', assignments, {
        env: io.env,
        stdin: 'ignore',
        reject: false,
        timeout: TIMEOUT_MS,
        killSignal: 'SIGKILL',
        cancelSignal: signal,
      });
      if (failed)
        throw new NvlError('notifyFailed', {
          message: exitCode === undefined ? 'systemd-notify cannot be run' : 'systemd-notify failed',
          facts: { said: [shortMessage, stderr].filter(Boolean).join('\n') },
          advice: 'install the package that systemd-notify is in, or set Type=exec in the unit',
        });
    },
  });
};

/** It gives up by itself after 5 s. */
const TIMEOUT_MS = 10_000;

const NOBODY: ServiceManager = { ready: () => {}, reloading: () => {}, stopping: () => {}, close: async () => {} };
