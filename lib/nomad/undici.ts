import { createRequire } from 'node:module';
import type * as Undici from 'undici';

// Only what asks Nomad. The package's own entry loads fetch, WebSockets, caches and mocks too: 70 files that no cycle uses.
const load = createRequire(import.meta.url);

export const HttpAgent: typeof Undici.Agent = load('undici/lib/dispatcher/agent.js');
export const buildConnector: typeof Undici.buildConnector = load('undici/lib/core/connect.js');
export const errors: typeof Undici.errors = load('undici/lib/core/errors.js');

const Dispatcher: typeof Undici.Dispatcher = load('undici/lib/dispatcher/dispatcher.js');
Dispatcher.prototype.request = load('undici/lib/api/api-request.js');
