import { fromTagged, type VrlObject, type VrlValue } from './values.ts';

/** A place of a program, in bytes of its UTF-8, and what is said of it. */
export type VrlPlace = { message: string; start: number; end: number; isPrimary: boolean };

/** One thing that the compiler says, as Vector prints it: `error[E105]: call to undefined function`. */
export type VrlDiagnostic = {
  code: number;
  severity: 'bug' | 'error' | 'warning' | 'note';
  message: string;
  labels: readonly VrlPlace[];
  notes: readonly string[];
};

type Said = {
  /** What speaks against the program; empty where it is accepted. */
  diagnostics: readonly VrlDiagnostic[];
  warnings: readonly VrlDiagnostic[];
  /** All of it as Vector prints it, without colours; empty where nothing was said. */
  text: string;
};

/** What Vector's compiler says of a program, and what it knows of one that it accepts. */
export type VrlVerdict =
  | (Said & { ok: false })
  | (Said & {
      ok: true;
      /** It can end with an error while it runs. */
      isFallible: boolean;
      /** It has an `abort`. */
      isAbortable: boolean;
      /** Paths that it may read and write. */
      reads: readonly string[];
      writes: readonly string[];
      /** By `set_semantic_meaning`. */
      meanings: Readonly<Record<string, string>>;
    });

/** A line by `log`; `start` is the byte of the program where the call begins. */
export type VrlLogLine = { level: string; message: string; start: number };

type Noted = {
  logs: readonly VrlLogLine[];
  /** Functions that were called and cannot work here. Where there are any, Vector's outcome may be another. */
  unavailable: readonly string[];
};

/** What became of one event. */
export type VrlResult =
  | (Noted & {
      kind: 'done';
      /** What the program left at `.`; Vector makes several events of an array. */
      event: VrlValue;
      metadata: VrlValue;
      /** What `get_secret` finds, by names. */
      secrets: Readonly<Record<string, string>>;
      /** Of the last expression: of a condition, or where it was asked for. */
      value?: VrlValue;
    })
  | (Noted & {
      kind: 'error' | 'abort';
      error: string;
      /** What Vector writes as the message of a rerouted event. */
      droppedMessage: string;
      labels: readonly VrlPlace[];
    });

/** An event that goes into a program. */
export type VrlEvent = { event: VrlValue; metadata?: VrlObject; secrets?: Readonly<Record<string, string>> };

/** Which VRL the module has, and what cannot work in it, with the reason. */
export type VrlVersion = { interface: number; vrl: string; unavailable: Readonly<Record<string, string>> };

/** Reads an answer; a fault, which only a caller's own mistake brings, is thrown. Pure. */
export const readAnswer = <T>(text: string): T => {
  const answer = JSON.parse(text) as T & { fault?: string };
  if (answer.fault !== undefined) throw new Error(`VRL: ${answer.fault}`);
  return answer;
};

/** The results of a run, one for each of its events. Pure. */
export const readResults = (text: string): VrlResult[] =>
  readAnswer<{ results: TaggedResult[] }>(text).results.map(({ logs = [], unavailable = [], ...result }) => {
    if (result.kind !== undefined) return { ...result, logs, unavailable };
    const event = fromTagged(result.event);
    const value = result.value === undefined ? {} : { value: fromTagged(result.value) };
    const { secrets = {} } = result;
    return { kind: 'done', event, metadata: fromTagged(result.metadata), secrets, ...value, logs, unavailable };
  });

type TaggedResult = Partial<Noted> &
  (
    | { kind?: never; event: unknown; metadata: unknown; secrets?: Record<string, string>; value?: unknown }
    | { kind: 'error' | 'abort'; error: string; droppedMessage: string; labels: readonly VrlPlace[] }
  );
