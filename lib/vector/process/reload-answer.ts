import type { LogEvent } from './log-line.ts';
import type { ReloadResult } from './reload-result.ts';

/** What Vector has said so far of the reload that it works on. */
export type ReloadWords = {
  /** Errors, in their order: the reasons for what follows. */
  reasons: readonly string[];
  /** A file that it could not open: it goes on without it, and calls that a reload. */
  leftOut: string | undefined;
};

export const NOTHING_HEARD: ReloadWords = { reasons: [], leftOut: undefined };

/** One more line: what is heard by then, or what came of the reload. Pure. */
export const hear = ({
  heard,
  event,
}: {
  heard: ReloadWords;
  event: LogEvent;
}): { heard: ReloadWords } | { result: ReloadResult } => {
  const { reasons, leftOut } = heard;
  switch (event.kind) {
    case 'reloaded':
      return { result: leftOut === undefined ? { kind: 'reloaded' } : { kind: 'failed', why: leftOut } };
    case 'refused':
    case 'needsRestart':
      return { result: { kind: event.kind, why: [...reasons, event.words].join('\n') } };
    case 'leftOut':
      return { heard: { reasons, leftOut: event.words } };
    case 'error':
    // Its end follows, and answers.
    case 'lost':
      return { heard: { reasons: [...reasons, event.words], leftOut } };
    case 'started':
    case 'stopping':
      return { heard };
  }
};
