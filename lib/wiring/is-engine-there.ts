import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Config } from '../config/config.ts';
import { environmentOf } from '../vector/config/command.ts';

/** Where Vector (0.57) finds the engine that it is not told of. */
const USUAL_HOST = 'unix:///var/run/docker.sock';

/** Where the engine answers, as Vector is told or finds it. */
export const engineHost = ({ collect, vector }: Pick<Config, 'collect' | 'vector'>): string =>
  collect.dockerHost ?? environmentOf(vector).DOCKER_HOST ?? USUAL_HOST;

/** The path of a host that is a socket. */
export const socketOf = (host: string): string | undefined => /^(?:unix:\/\/)?(\/.*)$/.exec(host)?.[1];

/**
 * Whether Vector would take a source of containers. It refuses a whole configuration over a socket, or a `journalctl`, that is not there,
 * and with it all other tasks. Whether anything answers is not asked.
 */
export const isEngineThere = (config: Pick<Config, 'collect' | 'vector'>): boolean => {
  if (config.collect.docker === 'journald') {
    const folders = (environmentOf(config.vector).PATH ?? '').split(delimiter);
    return folders.some((folder) => folder !== '' && existsSync(join(folder, 'journalctl')));
  }
  const socket = socketOf(engineHost(config));
  return config.collect.docker === 'off' || socket === undefined || existsSync(socket);
};
