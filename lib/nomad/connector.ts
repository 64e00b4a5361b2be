import type { Agent, ClientRequestArgs } from 'node:http';
import net, { type Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Config } from '../config/config.ts';
import { http, loadTls } from './node-http.ts';
import { createSecureContexts } from './tls.ts';

export type Connector = {
  agent: Agent;
  /** Cuts all connections, also those that are being made. */
  close(): void;
};

/**
 * Keeps the connections to Nomad: plain, TLS or through a unix socket, all over HTTP/1.1. The certificate files are read
 * for each new connection, so that renewed ones are taken up without a restart. Throws `configInvalid`.
 */
export const createConnector = ({
  settings,
  socketPath,
  isTls,
}: {
  settings: Config['nomad'];
  socketPath: string | undefined;
  isTls: boolean;
}): Connector => {
  const secureContext = isTls ? createSecureContexts(settings) : undefined;
  const agent = new http.Agent({ keepAlive: true });
  const inTheMaking = new Set<Socket>();
  let isClosed = false;

  const connect = async (options: ClientRequestArgs): Promise<Socket> => {
    const context = await secureContext?.();
    if (isClosed) throw closed();
    const socket =
      context === undefined
        ? net.connect(socketPath === undefined ? addressOf(options) : { path: socketPath })
        : connectTls({ options, settings, context });
    inTheMaking.add(socket);
    await made({ socket, isTls, limitMs: settings.timeout }).finally(() => inTheMaking.delete(socket));
    return socket;
  };
  agent.createConnection = (options, onMade) => {
    connect(options).then(
      (socket) => onMade?.(null, socket),
      (error: Error) => onMade?.(error, new net.Socket()),
    );
    return undefined;
  };
  const close = () => {
    isClosed = true;
    for (const socket of inTheMaking) socket.destroy(closed());
    agent.destroy();
  };
  return { agent, close };
};

const closed = (): Error => Object.assign(new Error('nvl closed the connection'), { code: 'ECONNRESET' });

const addressOf = ({ host, port }: ClientRequestArgs) => ({ host: host ?? '127.0.0.1', port: Number(port) });

const connectTls = ({
  options,
  settings,
  context,
}: {
  options: ClientRequestArgs;
  settings: Config['nomad'];
  context: SecureContext;
}): Socket => {
  const address = addressOf(options);
  // TLS knows no addresses as server names (RFC 6066).
  const servername = settings.tlsServerName ?? (net.isIP(address.host) === 0 ? address.host : undefined);
  return loadTls().connect({
    ...address,
    secureContext: context,
    rejectUnauthorized: !settings.tlsSkipVerify,
    ALPNProtocols: ['http/1.1'],
    ...(servername === undefined ? {} : { servername }),
  });
};

/** Resolves when the socket is ready for a request; rejects with its error, or `ETIMEDOUT` when that takes too long. */
const made = ({ socket, isTls, limitMs }: { socket: Socket; isTls: boolean; limitMs: number }): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => socket.destroy(Object.assign(new Error('the connection took too long'), { code: 'ETIMEDOUT' })),
      limitMs,
    );
    const end = () => {
      clearTimeout(timer);
      socket.off('error', fail);
    };
    const fail = (error: Error) => {
      end();
      reject(error);
    };
    socket.once('error', fail);
    socket.once(isTls ? 'secureConnect' : 'connect', () => {
      end();
      resolve();
    });
  });
