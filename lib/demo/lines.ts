import type { LogStream } from '../link-name.ts';
import type { Random } from './random.ts';

/** The ways of logging that the demo's tasks have, as real programs write them. */
export type LineStyle = 'access' | 'logfmt' | 'json' | 'java' | 'postgres' | 'plain';

/** The next thing that a task has to say: a line, or several that belong together, without their newlines. `step` counts them from 0. */
export const nextLines = ({
  style,
  random,
  now,
  step,
}: {
  style: LineStyle;
  random: Random;
  now: Date;
  step: number;
}): string[] => STYLES[style]({ random, now, step }).split('\n');

/** PostgreSQL logs to stderr as long as nobody collects its log. */
export const streamOf = (style: LineStyle): LogStream => (style === 'postgres' ? 'stderr' : 'stdout');

type Moment = { random: Random; now: Date; step: number };

/** nginx's `combined` format. */
const access = ({ random, now }: Moment): string => {
  const status = random.pick(['200', '200', '200', '200', '304', '404', '502']);
  const request = `${random.pick(['GET', 'GET', 'GET', 'POST'])} ${random.pick(['/', '/cart', '/api/items?page=2', '/login', '/favicon.ico'])} HTTP/1.1`;
  const agent = random.pick(['curl/8.14.1', 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0']);
  return `192.0.2.${random.between(1, 254)} - - [${accessTime(now)}] "${request}" ${status} ${random.between(0, 9000)} "-" "${agent}"`;
};

const logfmt = ({ random, now }: Moment): string => {
  const path = random.pick(['/v1/orders', '/v1/orders/17', '/v1/payments', '/healthz']);
  const isSlow = random.next() > 0.9;
  const words = isSlow ? 'level=warn msg="upstream is slow"' : 'level=info msg="request done"';
  return `ts=${now.toISOString()} ${words} method=${random.pick(['GET', 'POST'])} path=${path} status=${random.pick(['200', '201', '409'])} duration=${random.between(1, isSlow ? 2000 : 90)}ms`;
};

const json = ({ random, now, step }: Moment): string =>
  JSON.stringify({
    time: now.toISOString(),
    level: random.pick(['info', 'info', 'info', 'debug', 'error']),
    msg: random.pick(['picked a job', 'job done', 'queue is empty']),
    job: step,
  });

/** Logback's usual layout: an error has its stack trace on the lines below. */
const java = ({ random, now }: Moment): string => {
  const time = now.toISOString().replace('T', ' ').replace('.', ',').slice(0, -1);
  const [thread, item] = [`http-${random.between(1, 8)}`, random.between(1000, 1999)];
  if (random.next() < 0.8) {
    const said = random.pick(['3 hits for "socks"', 'no hits for "sockz"', `item ${item} is shown`]);
    return `${time} [${thread}] INFO  shop.catalog.Search - ${said}`;
  }
  return `${time} [${thread}] ERROR shop.catalog.Prices - no price for item ${item}
java.lang.IllegalStateException: the price list is empty
\tat shop.catalog.Prices.of(Prices.java:41)
Caused by: java.net.SocketTimeoutException: connect timed out
\tat shop.catalog.Feed.read(Feed.java:77)
\t... 1 more`;
};

const postgres = ({ random, now }: Moment): string => {
  const time = now.toISOString().replace('T', ' ').replace('Z', ' UTC');
  const said = random.pick([
    'ERROR:  duplicate key value violates unique constraint "orders_pkey"',
    `LOG:  duration: ${random.between(1000, 4000)}.${random.between(100, 999)} ms  statement: select * from orders`,
    'WARNING:  there is already a transaction in progress',
  ]);
  return `${time} [${random.between(60, 99)}] shop@orders ${said}`;
};

const plain = ({ random, step }: Moment): string =>
  `row ${step + 1}: ${random.between(10, 900)} entries, ${random.between(0, 3)} skipped`;

const STYLES: Readonly<Record<LineStyle, (moment: Moment) => string>> = {
  access,
  logfmt,
  json,
  java,
  postgres,
  plain,
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const accessTime = (now: Date): string => {
  const [date = '', time = ''] = now.toISOString().split(/[T.]/);
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
};
