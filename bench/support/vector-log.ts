/** What Vector said of its reloads: how long each took, and what it started while it did. */
export type Reloads = {
  tookMs: number[];
  /** Components that ran and were started anew. */
  restarted: number;
  /** Components that were not there before. */
  added: number;
};

/** Reads a part of Vector's log (0.57), as text; other lines than Vector's may stand between. */
export const readReloads = (log: string): Reloads => {
  const tookMs: number[] = [];
  let began: number | undefined;
  for (const line of log.split('\n')) {
    if (/Signal received\. signal="SIGHUP"|Configuration file changed\./.test(line)) began ??= timeOf(line);
    if (!/Vector has reloaded\./.test(line) || began === undefined) continue;
    tookMs.push(timeOf(line) - began);
    began = undefined;
  }
  const count = (pattern: RegExp) => [...log.matchAll(pattern)].length;
  return {
    tookMs,
    restarted: count(/Spawning changed (?:source|transform|sink)\./g),
    added: count(/Spawning new (?:source|transform|sink)\./g),
  };
};

/** What a blackhole sink has counted, each time that it said so. */
export type Tick = { atMs: number; events: number };

export const readTicks = (log: string): Tick[] =>
  log.split('\n').flatMap((line) => {
    const events = /Collected events\. events=(\d+)/.exec(line)?.[1];
    return events === undefined ? [] : [{ atMs: timeOf(line), events: Number(events) }];
  });

/** Of a log line's own time, to the microsecond. */
const timeOf = (line: string): number => {
  const [, whole, fraction] = /(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d+)Z/.exec(line) ?? [];
  return Date.parse(`${whole}Z`) + Number(`0.${fraction}`) * 1_000;
};
