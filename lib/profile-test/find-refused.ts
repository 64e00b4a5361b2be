import { proveCandidate } from '../apply/prove.ts';
import { profileTemplates, refusedTemplate } from '../apply/refused-template.ts';
import type { Block } from '../render/file.ts';
import { renderTests, stemsIn, type TaskErrors, type TestSession } from './session.ts';
import { validateText } from './validate-text.ts';

/** Finds the tasks whose pipelines Vector refuses, and why. The tasks with `errors` are left out from the start. */
export const findRefused = async ({
  session,
  errors,
}: {
  session: TestSession;
  errors: Readonly<Pick<TaskErrors, 'has'>>;
}): Promise<TaskErrors> => {
  const refused: TaskErrors = new Map();
  const { files, mayShare, shownPath } = session;
  for (;;) {
    const rendered = renderTests({ session, isIn: (id) => !errors.has(id) && !refused.has(id), mayShare });
    const validation = await validateText({ session, text: rendered.text });
    if (validation.ok) return refused;
    const stems = stemsIn(rendered);
    const stemsOf = (blocks: readonly Block[]) => new Set(blocks.flatMap(({ key }) => stems.get(key) ?? []));
    const proof = await proveCandidate({
      // Their place is told below, by the profile under test.
      templates: undefined,
      blocks: rendered.blocks,
      validateStaged: async () => validation,
      validateOnly: (blocks) => {
        const ids = stemsOf(blocks);
        return validateText({ session, text: renderTests({ session, isIn: (id) => ids.has(id), mayShare }).text });
      },
    });
    if (proof.ok) return refused;
    if (proof.blamed.length === 0) throw proof.error;
    for (const { block, error } of proof.blamed) {
      const { refusals } = validation;
      const ids = stemsOf([block]);
      const templates = { ...templatesOf({ session, ids }), files };
      const errors = refusedTemplate({ block, refusals, said: error.facts.said, templates, shownPath });
      for (const id of ids) refused.set(id, errors);
    }
  }
};

/** Tasks that share a pipeline are of one profile. */
const templatesOf = ({ session: { cases, templates }, ids }: { session: TestSession; ids: ReadonlySet<string> }) => {
  const profile = cases.find(({ task }) => ids.has(task.context.id))?.task.context.profile ?? '';
  return profileTemplates({ templates, profile });
};
