import { askAndConfirm } from './ask-and-confirm.ts';
import type { Confirmer, Reloader } from './reloader.ts';

/** For a Vector that runs with `--watch-config` and so reloads by itself, 1 s after the swap: there is only to look. */
export const createWatchReloader = ({ confirmer }: { confirmer?: Confirmer } = {}): Reloader =>
  askAndConfirm({ name: 'watch', ask: async () => undefined, confirmer });
