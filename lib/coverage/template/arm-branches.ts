import type { Branch } from '../coverage.ts';
import type { TemplateArm } from './arms.ts';
import type { TemplateTrace, TemplateTracer } from './trace.ts';

/** The arms of these files' blocks, and how often they were rendered. Pure. */
export const armBranches = ({
  files,
  rendered,
  armsIn,
}: {
  files: readonly string[];
  rendered: TemplateTrace['arms'];
  armsIn: TemplateTracer['armsIn'];
}): Branch[] => {
  const counts = new Map<string, number>();
  for (const { file, index } of rendered) counts.set(keyOf(file, index), (counts.get(keyOf(file, index)) ?? 0) + 1);
  return files.flatMap((file) =>
    armsIn(file).map(({ at, span, never, within, choice }, index): Branch => {
      const key = keyOf(file, index);
      return {
        key,
        at,
        choice: `${file} block ${choice}`,
        never,
        taken: counts.get(key) ?? 0,
        isGuard: false,
        within: within === undefined ? undefined : keyOf(file, within),
        span,
        lines: linesOf(span),
      };
    }),
  );
};

const keyOf = (file: string, index: number): string => `${file} arm ${index}`;

/** Those between its tags. */
const linesOf = (span: TemplateArm['span']): string[] => {
  if (span === undefined) return [];
  const { from, to } = span;
  const count = Math.max(0, to.line - from.line - 1);
  return Array.from({ length: count }, (_, index) => `${from.file}:${from.line + 1 + index}`);
};
