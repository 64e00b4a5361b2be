/**
 * Counts what became of written lines. It knows a line by what its writer put into it, `<key> <number> <epoch ms>`, and
 * nothing of how it travelled: events may hold that text in any field and shape.
 */
export type Claim = {
  /** What starts each of the writer's lines; no two writers share one. */
  key: string;
  /** How many numbered lines it wrote: 1 to this. */
  lines: number;
  /** How many lines with the number 0 it wrote, all alike. */
  headers: number;
  /** What each of its events must carry as its object `nomad`, no more and no less. */
  labels: Readonly<Record<string, string>>;
};

export type Count = {
  written: number;
  lost: number;
  /** Delivered more often than written. */
  repeated: number;
  /** Events without an object `nomad`, or with a label missing from it. */
  unlabelled: number;
  /** Events with a label of another value, or one that should not be there. */
  mislabelled: number;
};

export type Latency = {
  /** From when a writer wrote its line 1 to when the collector read it, for each writer whose line 1 arrived. */
  firstLineMs: number[];
};

export type Counts = {
  byKey: Map<string, Count & Latency>;
  all: Count & Latency;
  /** Events that hold no line of any claim; foreign ones, or torn lines. */
  unknown: string[];
};

/** `events` are lines of JSON, one event each. */
export const countLines = ({ claims, events }: { claims: Claim[]; events: Iterable<string> }): Counts => {
  const tallies = new Map(claims.map((claim) => [claim.key, newTally(claim)]));
  const unknown: string[] = [];
  for (const text of events) {
    const found = findLine(text);
    const tally = found === undefined ? undefined : tallies.get(found.key);
    if (found === undefined || tally === undefined) {
      unknown.push(text);
      continue;
    }
    addEvent({ tally, found, event: JSON.parse(text) });
  }
  const byKey = new Map([...tallies].map(([key, tally]) => [key, close(tally)]));
  return { byKey, all: sumUp([...byKey.values()]), unknown };
};

export const sumUp = (counts: (Count & Latency)[]): Count & Latency => {
  const sum = (field: keyof Count) => counts.reduce((total, count) => total + count[field], 0);
  return {
    written: sum('written'),
    lost: sum('lost'),
    repeated: sum('repeated'),
    unlabelled: sum('unlabelled'),
    mislabelled: sum('mislabelled'),
    firstLineMs: counts.flatMap(({ firstLineMs }) => firstLineMs),
  };
};

/** The value that this share of all values does not exceed (nearest rank); undefined when there are none. */
export const percentile = ({ values, share }: { values: number[]; share: number }): number | undefined =>
  [...values].sort((a, b) => a - b)[Math.max(0, Math.ceil(values.length * share) - 1)];

export type Line = { key: string; number: number; writtenMs: number };

type Tally = {
  claim: Claim;
  /** How often each number arrived. */
  arrivals: Map<number, number>;
  unlabelled: number;
  mislabelled: number;
  firstLineMs: number[];
};

const newTally = (claim: Claim): Tally => ({
  claim,
  arrivals: new Map(),
  unlabelled: 0,
  mislabelled: 0,
  firstLineMs: [],
});

/** The written line that an event holds. A number 0 is a header and has no time. Quotes of the JSON around it end a field, so the first match is the line. */
export const findLine = (text: string): Line | undefined => {
  const match = /([\w.:-]+:[\w.:-]+) (\d+) (\d+)/.exec(text);
  return match === null ? undefined : { key: String(match[1]), number: Number(match[2]), writtenMs: Number(match[3]) };
};

const addEvent = ({
  tally,
  found,
  event,
}: {
  tally: Tally;
  found: Line;
  event: { nomad?: unknown; timestamp?: unknown };
}) => {
  const times = (tally.arrivals.get(found.number) ?? 0) + 1;
  tally.arrivals.set(found.number, times);
  const verdict = judgeLabels({ labels: event.nomad, expected: tally.claim.labels });
  if (verdict !== 'right') tally[verdict] += 1;
  const readMs = typeof event.timestamp === 'string' ? Date.parse(event.timestamp) : Number.NaN;
  if (found.number === 1 && times === 1 && !Number.isNaN(readMs)) tally.firstLineMs.push(readMs - found.writtenMs);
};

const judgeLabels = ({ labels, expected }: { labels: unknown; expected: Readonly<Record<string, string>> }) => {
  if (typeof labels !== 'object' || labels === null) return 'unlabelled';
  const given = new Map(Object.entries(labels));
  const names = Object.keys(expected);
  if (names.some((name) => given.has(name) && given.get(name) !== expected[name])) return 'mislabelled';
  if (names.some((name) => !given.has(name))) return 'unlabelled';
  return given.size > names.length ? 'mislabelled' : 'right';
};

const close = ({ claim, arrivals, unlabelled, mislabelled, firstLineMs }: Tally): Count & Latency => {
  let lost = Math.max(0, claim.headers - (arrivals.get(0) ?? 0));
  let repeated = Math.max(0, (arrivals.get(0) ?? 0) - claim.headers);
  for (let number = 1; number <= claim.lines; number++) if (!arrivals.has(number)) lost += 1;
  for (const [number, times] of arrivals) {
    if (number === 0) continue;
    // A number beyond the last is one that nobody wrote: each of its arrivals is one too many.
    repeated += number <= claim.lines ? times - 1 : times;
  }
  return { written: claim.lines + claim.headers, lost, repeated, unlabelled, mislabelled, firstLineMs };
};
