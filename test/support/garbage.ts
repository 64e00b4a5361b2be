import { createRandom, type Random } from '../../lib/demo/random.ts';

/** A line that no parser expects, without its newline. The token in it is in no other line; undefined where it has none. */
export type GarbageLine = { token: string | undefined; bytes: Buffer };

/** Lines that tear, forge and overflow; the same for the same seed. */
export const garbageLines = ({ count, seed }: { count: number; seed: number }): GarbageLine[] => {
  const random = createRandom(seed);
  return Array.from({ length: count }, (_, number) => {
    const token = `q${String(number).padStart(6, '0')}q`;
    const make = number % 200 < hugeKinds.length ? hugeKinds[number % 200] : kinds[number % kinds.length];
    const bytes = toBytes((make ?? torn)({ token, random }));
    return { token: bytes.includes(token) ? token : undefined, bytes };
  });
};

type Kind = (given: { token: string; random: Random }) => string | Buffer;

const toBytes = (made: string | Buffer): Buffer => (typeof made === 'string' ? Buffer.from(made) : made);

const anyBytes = (random: Random, most: number): Buffer =>
  Buffer.from(
    Array.from({ length: random.between(0, most) }, () => random.between(0, 255)).map((byte) =>
      byte === 0x0a ? 0x0b : byte,
    ),
  );

const torn: Kind = ({ token, random }) =>
  Buffer.concat([anyBytes(random, 300), Buffer.from(token), anyBytes(random, 300)]);

const notUtf8 = Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98]);

const evil = '"namespace":"evil","job_name":"evil","task_name":"evil","alloc_id":"evil","stream":"evil"';

const kinds: readonly Kind[] = [
  torn,
  ({ token }) => Buffer.concat([notUtf8, Buffer.from(` ${token} `), notUtf8]),
  ({ token }) => `{"level":"info","msg":"${token}","nested":{"a":[1,2,{"b":`,
  ({ token }) => `{"msg":"${token}","nomad":{${evil}},"nvl":{"parse_error":"evil"},"file":"/x.stderr.0","host":"evil"}`,
  ({ token }) => `{"nomad":"evil","message":"${token}","timestamp":"9999-99-99","level":{},"%nvl":{"stream":"evil"}}`,
  ({ token }) => `level=info msg=${token} nomad=evil nomad.namespace=evil nvl=evil file=/x.stderr.0 timestamp=never`,
  ({ token }) => `msg="${token} level=info nomad={${evil}}`,
  ({ token }) => `{"time":1e308,"level":99999999999999999999,"msg":"${token}","a":-0.0,"b":1e-400}`,
  ({ token }) => `{"${'k'.repeat(5_000)}":"${token}","__proto__":{"a":1},"a.b.c":1,"":2}`,
  ({ token }) => `1.1.1.1 - - [99/Foo/2024:07:08:09 +0000] "GET /${token} HTTP/1.1" 999 99999999999999999999999`,
  ({ token }) => `2024/05/06 07:08:09 [error] 1#1: *1 ${token}, client: evil, host: "evil", nomad: "evil"`,
  ({ token }) => `I9999 99:99:99.999999       1 a.go:1] ${token}`,
  ({ token }) => `2024-05-06 07:08:09,123 [main] ERROR com.example.App - ${token}`,
  ({ token }) => `2024-05-06T07:08:09.123Z  INFO 1 --- [${token}] [main] c.e.App : hi`,
  ({ token }) => `2024-05-06 07:08:09.000 [pool-1] DEBUG o.e.Jetty (${token}.java:12) - up`,
  ({ token }) => `[2024-05-06 09:08:09 +0200] [7] [INFO] ${token}`,
  ({ token }) => `[Mon May 06 07:08:09.123456 2024] [${token}:error] [pid 7:tid 140] [client 172.17.0.1] AH00898: x`,
  ({ token }) => `java.lang.IllegalStateException: ${token}`,
  ({ token }) => `\tat com.example.App.${token}(App.java:12)`,
  () => 'Traceback (most recent call last):',
  ({ token }) => `  File "${token}.py", line 3, in <module>`,
  ({ token }) => `ValueError: ${token}`,
  ({ token }) => `2024-05-06 07:08:09.123 UTC [71] ERROR:  ${token}`,
  ({ token }) => `\t${token}`,
  ({ token }) => `${token} {{ nomad.namespace }} $HOME \${HOME} SECRET[a.b] %Y ''' """ \\u0000`,
  ({ token }) => `\u001b]0;${token}\u001b[31m\u0000\u0007\u0085\u2028${token}`,
  () => '',
  ({ token }) => `${token}\r`,
];

/** Just under the mebibyte that a line may have. */
const HUGE = 1_000_000;

const hugeKinds: readonly Kind[] = [
  ({ token }) => `${token}${'x'.repeat(HUGE)}`,
  ({ token }) => `{"msg":"${token}","big":"${'y'.repeat(HUGE)}"}`,
  ({ token }) => `${token} ${'a=1 '.repeat(HUGE / 4)}`,
  ({ token }) => `${'['.repeat(HUGE)}${token}`,
];
