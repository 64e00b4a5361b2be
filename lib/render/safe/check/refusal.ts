import type { Site } from '../run/site.ts';

/**
 * Why a text was not rendered, for a person: one value that its place cannot hold, or one fault of the text around the
 * values.
 */
export type Refusal = {
  site: Site;
  /** Name of the place, as in docs/safe-values.md. */
  place: string;
  /** The value, shortened, with control characters made visible. */
  value: string;
  why: string;
  /** What to write instead. */
  instead?: string;
  /** The line in the rendered text, from 1, only where no site fits. */
  line?: number;
};
