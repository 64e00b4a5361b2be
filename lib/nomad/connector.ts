import type { buildConnector as Build } from 'undici';
import type { Config } from '../config/config.ts';
import { createSecureContexts } from './tls.ts';
import { buildConnector, errors } from './undici.ts';

export type Connector = {
  connect: Build.connector;
  /** The TLS alert that ended the connection of a failed request. */
  alertBehind(error: unknown): Error | undefined;
};

/**
 * How undici's agent connects to Nomad: over HTTP/1.1, all that Nomad's own client speaks too. The certificate files
 * are read for each new connection, so that renewed ones are taken up without a restart. Throws `configInvalid`.
 */
export const createConnector = ({
  settings,
  socketPath,
}: {
  settings: Config['nomad'];
  socketPath: string | undefined;
}): Connector => {
  const secureContexts = createSecureContexts(settings);
  const common = { allowH2: false, timeout: settings.timeout, ...(socketPath === undefined ? {} : { socketPath }) };
  const plain = buildConnector(common);
  const alerts = createAlerts();

  const connect: Build.connector = (options, callback) => {
    if (options.protocol !== 'https:') return plain(options, callback);
    secureContexts().then(
      (secureContext) => {
        const rejectUnauthorized = !settings.tlsSkipVerify;
        const secure = buildConnector({ ...common, secureContext, rejectUnauthorized, maxCachedSessions: 0 });
        const named =
          settings.tlsServerName === undefined ? options : { ...options, servername: settings.tlsServerName };
        secure(named, alerts.watched(callback));
      },
      (error: Error) => callback(error, null),
    );
  };
  return { connect, alertBehind: alerts.behind };
};

/**
 * With TLS 1.3 a server judges the client's certificate when the client already takes the connection for made. Its
 * alert is then an error of the socket only, and undici says no more than that the other side closed it.
 */
const createAlerts = () => {
  let last: { localPort: number | undefined; alert: Error } | undefined;
  return {
    watched:
      (callback: Build.Callback): Build.Callback =>
      (...result) => {
        const [error, socket] = result;
        if (error === null) {
          const { localPort } = socket;
          socket.once('error', (alert: Error) => {
            last = { localPort, alert };
          });
        }
        callback(...result);
      },
    behind: (error: unknown): Error | undefined =>
      error instanceof errors.SocketError && error.socket?.localPort === last?.localPort ? last?.alert : undefined,
  };
};
