import type { Random } from './random.ts';

/** The ways of logging that the demo's tasks have, as real programs write them. */
export type LineStyle = 'access' | 'logfmt' | 'json' | 'plain';

/** The next line of a task, without its newline; `step` counts the lines of that task from 0. */
export const nextLine = ({
  style,
  random,
  now,
  step,
}: {
  style: LineStyle;
  random: Random;
  now: Date;
  step: number;
}): string => STYLES[style]({ random, now, step });

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
    queue: random.pick(['mail', 'thumbnails']),
    job: step,
    attempt: random.between(1, 3),
  });

const plain = ({ random, step }: Moment): string =>
  `row ${step + 1}: ${random.between(10, 900)} entries, ${random.between(0, 3)} skipped`;

const STYLES: Readonly<Record<LineStyle, (moment: Moment) => string>> = { access, logfmt, json, plain };

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const accessTime = (now: Date): string => {
  const [date = '', time = ''] = now.toISOString().split(/[T.]/);
  const [year, month, day] = date.split('-');
  return `${day}/${MONTHS[Number(month) - 1]}/${year}:${time} +0000`;
};
