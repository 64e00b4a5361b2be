import { expect, test } from 'vitest';
import { withLastGood } from '../../lib/render/last-good.ts';
import type { Templates } from '../../lib/render/templates.ts';
import { aContext, aTransform, someTemplates } from '../support/builders.ts';
import { componentsIn, pipelineOf, refusedIn, renderOf } from './support.ts';

const PATH = 'profiles/mine/transform.toml.hbs';
const task = aContext({ taskMeta: { nvl_profile: 'mine' } });

/** The program that the task's transform has, or why it has none. */
const programOf = async (templates: Templates) => {
  const rendered = await renderOf({ templates, tasks: [task] });
  return rendered.refused.length > 0
    ? refusedIn(rendered)
    : String(componentsIn(rendered.text).transforms[`${pipelineOf(rendered, task)}_parse`]?.source ?? 'none').trim();
};
const mine = (program: string, more: Record<string, string> = {}) =>
  someTemplates({ [PATH]: aTransform(program), ...more });

test('a sound edit is taken as it is', async () => {
  expect(await programOf(withLastGood({ next: await mine('new'), last: await mine('old') }))).toBe('new');
});

test('a broken edit leaves the one before in use, and its fault listed', async () => {
  const templates = withLastGood({ next: await mine('{{jobb}}'), last: await mine('old') });
  expect(await programOf(templates)).toBe('old');
  expect(templates.faults.map(({ message }) => message)).toEqual(['jobb is not known']);
});

test('the one before is remembered over several broken edits', async () => {
  let templates = await mine('old');
  for (const broken of ['{{jobb}}', '{{#if', '{{idd}}'])
    templates = withLastGood({ next: await mine(broken), last: templates });
  expect(await programOf(templates)).toBe('old');
  expect(await programOf(withLastGood({ next: await mine('new'), last: templates }))).toBe('new');
});

test('with the first reading there is nothing to go back to', async () => {
  expect(await programOf(withLastGood({ next: await mine('{{jobb}}'), last: undefined }))).toMatchObject([
    { key: task.id, why: ['jobb is not known'] },
  ]);
});

test('a broken partial holds back those that call it, and no others', async () => {
  const [last, next] = await Promise.all(
    ['fine', '{{jobb}}'].map((text) =>
      mine(text === 'fine' ? 'old' : 'new', {
        'partials/p.hbs': text,
        'vector/sink.toml.hbs': `[sinks.${text === 'fine' ? 'old' : 'new'}]\ntype = "console"\ninputs = ["{{input}}"]\n# {{> p}}`,
      }),
    ),
  );
  if (last === undefined || next === undefined) throw new Error('no templates');
  const templates = withLastGood({ next, last });
  const { text } = await renderOf({ templates, tasks: [task] });
  expect(Object.keys(componentsIn(text).sinks)).toEqual(['old']);
  expect(await programOf(templates)).toBe('new');
});

test('a profile whose settings are broken stays whole as it was', async () => {
  const settings = (type: string) => ({
    'profiles/mine/profile.yaml': `parameters:\n  width: { type: ${type}, default: 80 }\n`,
  });
  const last = await mine('width = {{params.width}}', settings('number'));
  const next = await mine('wider = {{params.width}}', settings('nonsense'));
  const templates = withLastGood({ next, last });
  expect(templates.faults.length).toBeGreaterThan(0);
  expect(await programOf(templates)).toBe('width = 80');
  expect(templates.parameters).toContain('width');
});

test('a profile that was emptied stays, and one whose folder is gone does not', async () => {
  const last = await mine('old');
  const emptied = await someTemplates({ 'profiles/mine/profile.yaml': 'description: nothing left' });
  expect(await programOf(withLastGood({ next: emptied, last }))).toBe('old');
  const gone = await someTemplates({ 'vector/source.toml.hbs': '{{jobb}}' });
  expect(await programOf(withLastGood({ next: gone, last }))).toMatchObject([{ why: ['no profile is named mine'] }]);
});
