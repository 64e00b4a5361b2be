import { createRequire } from 'node:module';
import { Writable } from 'node:stream';
import pino from 'pino';
import type { build } from 'pino-pretty';
import type { Config } from '../config/config.ts';
import { NvlError } from '../errors.ts';
import type { Log } from '../log.ts';

/** nvl's own log, on stderr: for people on a terminal, a JSON line an entry otherwise. */
export const createLogger = ({
  config,
  isTty,
  write,
}: {
  config: Config['log'];
  isTty: boolean;
  write: (text: string) => void;
}): Log => {
  const options: pino.LoggerOptions = {
    level: config.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: serializeError },
    formatters: { level: (level) => ({ level }) },
  };
  const isPretty = config.format === 'pretty' || (config.format === 'auto' && isTty);
  return isPretty
    ? pino(
        options,
        loadPretty()({ colorize: isTty, translateTime: 'HH:MM:ss.l', destination: toStream(write), sync: true }),
      )
    : pino(options, { write });
};

/** What a person or a log search needs; a stack only for what is nvl's own fault. */
const serializeError = (error: unknown): unknown =>
  error instanceof NvlError
    ? { code: error.code, message: error.message, ...error.facts, try: error.advice }
    : pino.stdSerializers.err(error as Error);

/** Only a terminal needs it: a daemon without one is some MiB smaller. */
const loadPretty = (): typeof build => createRequire(import.meta.url)('pino-pretty');

const toStream = (write: (text: string) => void): Writable =>
  new Writable({
    write: (chunk, _encoding, done) => {
      write(String(chunk));
      done();
    },
  });
