import { asText } from './as-text.ts';
import type { EngineEvent } from './event.ts';
import { type FieldPath, fieldAt, parseFieldPath } from './field-path.ts';

/** A text with the values of fields in it, as Vector's options have it: `{{ nomad.job_name }}-{{ level }}`. */
export type FieldTemplate = readonly (string | FieldPath)[];

/** Undefined for one that this engine does not read: a path of no known form, or a format of a time. */
export const parseFieldTemplate = (text: string): FieldTemplate | undefined => {
  const parts: (string | FieldPath)[] = [];
  let from = 0;
  for (const found of text.matchAll(/\{\{([^}]+)\}\}/g)) {
    const path = parseFieldPath((found[1] ?? '').trim());
    if (path === undefined) return undefined;
    parts.push(text.slice(from, found.index), path);
    from = found.index + found[0].length;
  }
  parts.push(text.slice(from));
  // A `%` in what stands around is a format of the event's time.
  return parts.some((part) => typeof part === 'string' && part.includes('%')) ? undefined : parts;
};

/** The text for an event; undefined where it lacks one of the fields. */
export const renderFieldTemplate = (template: FieldTemplate, event: EngineEvent): string | undefined => {
  let text = '';
  for (const part of template) {
    const value = typeof part === 'string' ? part : fieldAt(event, part);
    if (value === undefined) return undefined;
    text += asText(value);
  }
  return text;
};
