import { proveCandidate } from '../apply/prove.ts';
import { profileTemplates, refusedTemplate } from '../apply/refused-template.ts';
import type { Block } from '../render/file.ts';
import { pipelinesOf, renderTests, type TaskErrors, type TestSession } from './session.ts';
import { validateText } from './validate-text.ts';

/** Finds the tasks whose blocks Vector refuses, and why. The tasks with `errors` are left out from the start. */
export const findRefused = async ({
  session,
  errors,
}: {
  session: TestSession;
  errors: Readonly<Pick<TaskErrors, 'has'>>;
}): Promise<TaskErrors> => {
  const refused: TaskErrors = new Map();
  for (;;) {
    const rendered = renderTests({ session, isIn: (id) => !errors.has(id) && !refused.has(id) });
    const validation = await validateText({ session, text: rendered.text });
    if (validation.ok) return refused;
    const stems = new Map([...pipelinesOf(rendered)].map(([stem, pipeline]) => [pipeline, stem]));
    const stemsOf = (blocks: readonly Block[]) => new Set(blocks.flatMap(({ key }) => stems.get(key) ?? []));
    const proof = await proveCandidate({
      // Their place is told below, by the profile under test.
      templates: undefined,
      blocks: rendered.blocks,
      validateStaged: async () => validation,
      validateOnly: (blocks) => {
        const ids = stemsOf(blocks);
        return validateText({ session, text: renderTests({ session, isIn: (id) => ids.has(id) }).text });
      },
    });
    if (proof.ok) return refused;
    if (proof.blamed.length === 0) throw proof.error;
    for (const { block, error } of proof.blamed) {
      const { refusals } = validation;
      const { files, shownPath } = session;
      const [id = block.key] = stemsOf([block]);
      const templates = { ...templatesOf({ session, id }), files };
      refused.set(id, refusedTemplate({ block, refusals, said: error.facts.said, templates, shownPath }));
    }
  }
};

const templatesOf = ({ session: { cases, templates }, id }: { session: TestSession; id: string }) => {
  const profile = cases.find(({ task }) => task.context.id === id)?.task.context.profile ?? '';
  return profileTemplates({ templates, profile });
};
