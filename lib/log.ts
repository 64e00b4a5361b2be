import type { Logger } from 'pino';

/** What every part writes its log lines to; a pino logger, or a stand-in of its shape. */
export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;
