import { stripVTControlCharacters } from 'node:util';

/** One component of a running Vector that does not deliver. Times are milliseconds since the epoch. */
export type DeliveryTrouble = {
  component: string;
  /** `drops`: events are lost to their sink for good; `retries`: they wait, and are tried again. */
  kind: 'drops' | 'retries';
  since: number;
  /** Events that Vector said it dropped; it hides what it repeats, so there may be more. */
  dropped: number;
  /** Why, in Vector's own words. */
  said: string;
  /** When Vector last said so. */
  lastAt?: number;
  /** The sink is in no configuration any more, and Vector (0.57) goes on trying to deliver what it has. */
  isRemoved?: true;
};

/** What a line of Vector's log (0.57), text or JSON, tells of a delivery; undefined for all others. */
export type DeliveryEvent = {
  component: string;
  kind: DeliveryTrouble['kind'];
  dropped: number;
  said: string | undefined;
};

export const readDelivery = (line: string): DeliveryEvent | undefined => {
  const form = FORMS.find(({ words }) => line.includes(words));
  if (form === undefined) return undefined;
  const text = stripVTControlCharacters(line).replaceAll('\\"', "'");
  if (!/^\d{4}-\S+Z +(?:ERROR|WARN) |^\{"timestamp":"[^"]*","level":"(?:ERROR|WARN)"/.test(text)) return undefined;
  // What is about to be dropped on purpose is no trouble.
  if (/\bintentional"?[=:]true/.test(text)) return undefined;
  const component = /\bcomponent_id"?[=:]"?([\w.-]+)/.exec(text)?.[1];
  if (component === undefined) return undefined;
  const said = form.tells ? reasonIn(text.slice(text.indexOf(form.words) + form.words.length)) : undefined;
  const dropped = form.counts ? Number(/\bcount"?[=:](\d+)/.exec(text)?.[1] ?? 0) : 0;
  return { component, kind: form.kind, dropped, said };
};

/** `sinks/util/retries.rs`, `internal_event/{service,component_events_dropped}.rs`; a repeated line is named in brackets. */
const FORMS: readonly { words: string; kind: DeliveryTrouble['kind']; tells?: boolean; counts?: boolean }[] = [
  // First, as its reason may be one of the others.
  { words: 'Events dropped', kind: 'drops', tells: true, counts: true },
  { words: 'Not retriable; dropping the request.', kind: 'drops', tells: true },
  { words: 'Non-retriable error; dropping the request.', kind: 'drops', tells: true },
  { words: 'Retries exhausted; dropping the request.', kind: 'drops', tells: true },
  { words: 'Service call failed. No retries or retries exhausted.', kind: 'drops' },
  { words: 'Retrying after response.', kind: 'retries', tells: true },
  { words: 'Retrying after error.', kind: 'retries', tells: true },
  { words: 'Request timed out.', kind: 'retries' },
];

const LONGEST = 300;

const reasonIn = (rest: string): string | undefined =>
  /\b(?:reason|error)(?:=|":)"?(.+?)(?:"|,"target"| internal_log_rate_limit=|$)/.exec(rest)?.[1]?.slice(0, LONGEST);

/** A component that says nothing of the kind for this long delivers again: Vector waits up to 30 s between two tries. */
export const QUIET_MS = 120_000;

/** A sink that was taken away may still deliver what it has. */
const REMOVED_MS = 30_000;

/** Keeps what one Vector tells of its deliveries, component by component. */
export const createDeliveries = ({ now = Date.now }: { now?: () => number } = {}) => {
  const known = new Map<string, DeliveryTrouble & { lastAt: number; missingSince?: number | undefined }>();
  return {
    see: (event: DeliveryEvent): void => {
      const at = now();
      const before = known.get(event.component);
      // What is dropped outlasts a later retry: those events do not come back.
      const kind = before?.kind === 'drops' ? 'drops' : event.kind;
      const isWorse = before === undefined || kind !== before.kind;
      // The last reason of its kind names the cause; what counts the events only repeats that there is one.
      const isReason = event.said !== undefined && event.dropped === 0 && event.kind === kind;
      const said = (isWorse ? (event.said ?? before?.said) : isReason ? event.said : before.said || event.said) ?? '';
      const dropped = (before?.dropped ?? 0) + event.dropped;
      known.set(event.component, {
        component: event.component,
        kind,
        since: before?.since ?? at,
        dropped,
        said,
        lastAt: at,
        missingSince: before?.missingSince,
      });
    },
    /** Vector ended, and its tries with it. */
    clear: (): void => known.clear(),
    /** `isLoaded`: whether Vector was told to run a sink of this name. */
    troubles: (isLoaded: (component: string) => boolean = () => true): DeliveryTrouble[] => {
      for (const [id, { lastAt }] of known) if (now() - lastAt >= QUIET_MS) known.delete(id);
      return [...known.values()]
        .map((entry) => {
          const { missingSince: _, ...trouble } = entry;
          entry.missingSince =
            trouble.kind === 'drops' || isLoaded(trouble.component) ? undefined : (entry.missingSince ?? now());
          const isRemoved = entry.missingSince !== undefined && trouble.lastAt - entry.missingSince >= REMOVED_MS;
          return isRemoved ? { ...trouble, isRemoved } : trouble;
        })
        .sort((a, b) => (a.component < b.component ? -1 : 1));
    },
  };
};

/** One line for people. `of`: the job and task whose component it is. */
export const describeTrouble = (
  { component, kind, dropped, said, isRemoved }: DeliveryTrouble,
  of?: string,
): string => {
  const who = of === undefined ? component : `${component} (${of})`;
  const drops = `drops events${dropped > 0 ? `, ${dropped} or more so far` : ''}`;
  const retries =
    isRemoved === true
      ? 'was taken out of the configuration, and still tries to deliver what it has'
      : 'cannot deliver, and tries again';
  const what = kind === 'drops' ? drops : retries;
  return `Vector's ${who} ${what}${said === '' ? '' : `: ${said}`}`;
};

/** What to do about it. `vectorPid`: of the Vector that nvl runs. */
export const troubleAdvice = ({ kind, isRemoved }: DeliveryTrouble, vectorPid: number | undefined): string => {
  if (kind === 'drops')
    return 'fix the mapping or the template: what was dropped is lost, but for the end of a file, which comes again when Vector is restarted';
  if (isRemoved !== true) return 'see what its server says; the lines wait in their files';
  const restart =
    vectorPid === undefined ? 'restart Vector' : `end Vector once (kill -TERM ${vectorPid}), and nvl starts it again`;
  return `${restart}: until then, or until its server answers, no position moves on where it has lines, finished tasks stay collected, and what the other sinks get comes again after the restart`;
};
