import type { EngineEvent } from '../event.ts';
import { parseFieldTemplate, renderFieldTemplate } from '../field-template.ts';
import { NotRunnable } from '../transform.ts';

/** To which group an event belongs, by a template of its fields; undefined without one, or where it lacks a field. */
export const keyOf = ({
  name,
  template,
}: {
  /** Of the option. */
  name: string;
  template: unknown;
}): ((event: EngineEvent) => string | undefined) => {
  if (template === undefined) return () => undefined;
  const parsed = parseFieldTemplate(String(template));
  if (parsed === undefined) throw new NotRunnable(`its option ${name} is a template that nvl does not read`);
  return (event) => renderFieldTemplate(parsed, event);
};
