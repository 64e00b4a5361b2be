import type Http from 'node:http';
import type Tls from 'node:tls';

// An `import` of node:http reads each of its exports, and with them Node loads fetch and WebSockets: 11 MiB that no
// request of nvl uses (measured on Node 24). node:tls is loaded for an https address only: another 5 MiB.
export const http: typeof Http = process.getBuiltinModule('node:http');
export const loadTls = (): typeof Tls => process.getBuiltinModule('node:tls');
