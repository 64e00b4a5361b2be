import { NvlError } from '../../../errors.ts';
import { LimitFault } from './budget.ts';
import { HelperFault } from './helpers.ts';
import { type Site, siteOf } from './site.ts';

/**
 * Thrown for what goes wrong while a template runs: a helper that throws, a partial that no one has or that calls itself for
 * ever, too much work. The template's fault, not nvl's.
 */
export class TemplateFault extends Error {
  /** Where that was, as far as it is known; at least in which template. */
  readonly site: Site;

  constructor(cause: unknown, template: string) {
    super(wordsOf(cause), { cause });
    this.name = 'TemplateFault';
    this.site = siteOfCause(cause, template);
  }
}

const wordsOf = (cause: unknown): string => {
  if (!(cause instanceof Error)) return String(cause);
  if (cause instanceof RangeError && /call stack/.test(cause.message)) return 'its blocks are nested too deep';
  const partial = /^The partial (.*) could not be found$/.exec(cause.message)?.[1];
  if (partial === undefined) return cause.message;
  return /^(?:undefined|null|)$/.test(partial)
    ? 'the value that chooses a partial is empty'
    : `no partial is named ${partial}`;
};

const siteOfCause = (cause: unknown, template: string): Site => {
  if (cause instanceof HelperFault) return cause.site;
  const site = siteOf(cause instanceof LimitFault ? cause.loc : undefined, '');
  return site.template === '' ? { ...site, template } : site;
};

/** The fault of a template over which Handlebars overflows its stack when it compiles it. */
export const nestedTooDeep = (template: string, cause: RangeError): NvlError =>
  new NvlError('templateInvalid', {
    message: 'its blocks are nested too deep',
    facts: { at: template },
    advice: 'part it into partials, or into fewer blocks',
    cause,
  });
