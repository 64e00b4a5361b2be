import type { TemplateFiles } from '../config/read-templates.ts';
import { NvlError } from '../errors.ts';
import { isOfPipeline } from '../ids.ts';
import type { Block } from '../render/file.ts';
import type { Templates } from '../render/templates.ts';
import { traceLines } from '../render/trace-lines.ts';
import type { VectorRefusal } from '../vector/proof/report.ts';

/**
 * What Vector has against a task's block, told in terms of the template that the component comes from: its file, the line
 * where Vector names one, and Vector's own words. Pure.
 */
export const refusedTemplate = ({
  block,
  refusals,
  said,
  templates,
  shownPath,
}: {
  block: Block;
  refusals: readonly VectorRefusal[];
  /** What Vector said where it names no component. */
  said: string | undefined;
  /** The profile's own, by what they define. */
  templates: { source: string; transform: string | undefined; labels: string; files: TemplateFiles['files'] };
  /** A template's path as people know it. */
  shownPath: (path: string) => string;
}): NvlError[] => {
  const own = refusals.filter(
    ({ component }) => component !== undefined && isOfPipeline({ component, pipeline: block.key }),
  );
  const refuse = (facts: Record<string, string | undefined>) =>
    new NvlError('vectorRefused', {
      message: 'Vector refuses what this template renders to',
      facts,
      advice: 'fix the template; `{{id}}` stands for the stem of the task’s components',
    });
  const words = (message: string) => message.replaceAll(block.key, '{{id}}').trim();
  if (own.length === 0) {
    return [refuse({ at: shownPath(templates.transform ?? templates.source), said: words(said ?? 'nothing') })];
  }
  return own.map((refusal) => {
    const path = templateOf({ component: refusal.component ?? '', key: block.key, templates });
    const line = path === undefined ? undefined : lineOf({ refusal, block, text: templateText(templates.files, path) });
    const at = path === undefined ? undefined : `${shownPath(path)}${line === undefined ? '' : `:${line}`}`;
    return refuse({ at, said: words(refusal.message) });
  });
};

/** The templates that a profile is made of, by what they define. */
export const profileTemplates = ({ templates, profile }: { templates: Templates; profile: string }) => {
  const found = templates.profiles.get(profile);
  return { source: found?.source.path ?? '', transform: found?.transform?.path, labels: templates.labels.path };
};

const templateText = (files: TemplateFiles['files'], path: string): string =>
  files.find((file) => file.path === path)?.text ?? '';

const templateOf = ({
  component,
  key,
  templates: { source, transform, labels },
}: {
  component: string;
  key: string;
  templates: { source: string; transform: string | undefined; labels: string };
}): string | undefined => {
  if (component === key) return source;
  return component === `${key}_out` ? labels : transform;
};

/** Vector counts a program's lines from 1, from the first behind the opening quotes. */
const lineOf = ({
  refusal: { component = '', kind, vrlLine, blockLine },
  block,
  text,
}: {
  refusal: VectorRefusal;
  block: Block;
  text: string;
}): number | undefined => {
  const whole = block.text.split('\n');
  const head = whole.findIndex((line) => line.trim() === `[${kind ?? 'transform'}s.${component}]`);
  if (head === -1) return undefined;
  const lines = whole.slice(head);
  const opening = lines.findIndex((line) => /^\s*(?:source|condition)\s*=\s*(?:'''|""")/.test(line));
  const isInline = !/(?:'''|""")\s*$/.test(lines[opening] ?? '');
  const inProgram = vrlLine === undefined || opening === -1 ? 0 : opening + vrlLine - (isInline ? 1 : 0);
  const faulty = blockLine === undefined ? inProgram : Math.max(0, blockLine - 1 - head);
  const origins = traceLines({ template: text, rendered: lines.join('\n') });
  for (let near = faulty; near >= 0; near -= 1) {
    const origin = origins[near];
    if (origin !== undefined) return origin + faulty - near;
  }
  return undefined;
};
