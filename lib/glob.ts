/**
 * A glob that nvl itself made, its parts already escaped. In `include` and `exclude` it is put as it is; anywhere
 * else it is its text.
 */
export class Glob {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/** `*`, `?` and `[` of a file glob, each as the class that holds just it. */
export const escapeGlob = (text: string): string => text.replace(/[*?[]/g, '[$&]');
