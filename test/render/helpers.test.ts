import { expect, test } from 'vitest';
import { aContext, aTransform, someTemplates } from '../support/builders.ts';
import { componentsIn, pipelineOf, refusedIn, renderOf } from './support.ts';

/** What an expression comes out as, in a VRL program. */
const outOf = async (expression: string, meta: Record<string, string> = {}) => {
  const templates = await someTemplates({ 'profiles/mine/transform.toml.hbs': aTransform(`.out = "${expression}"`) });
  const task = aContext({ job: 'shop', task: 'app', taskMeta: { nvl_profile: 'mine', ...meta } });
  const rendered = await renderOf({ templates, tasks: [task] });
  if (rendered.refused.length > 0) return refusedIn(rendered)[0]?.why.join('\n');
  const source = String(componentsIn(rendered.text).transforms[`${pipelineOf(rendered, task)}_parse`]?.source);
  return /^\.out = "(.*)"$/m.exec(source)?.[1];
};

test.each([
  ['{{upper job.name}}', 'SHOP'],
  ['{{lower (upper job.name)}}', 'shop'],
  ['{{default meta.none "nobody"}}', 'nobody'],
  ['{{default meta.none meta.nothing job.name}}', 'shop'],
  ['{{concat job.name "-" task.name}}', 'shop-app'],
  ['{{join (lookup this "tags") "+"}}', ''],
  ['{{replace job.name "s" "c"}}', 'chop'],
  ['{{duration task.killTimeoutMs}}', '0s'],
  ['{{#if (eq job.name "shop")}}yes{{else}}no{{/if}}', 'yes'],
  ['{{#if (ne job.name "shop")}}yes{{else}}no{{/if}}', 'no'],
  ['{{#if (and job.name task.name)}}yes{{/if}}', 'yes'],
  ['{{#if (and job.name meta.none)}}yes{{else}}no{{/if}}', 'no'],
  ['{{#if (or meta.none task.name)}}yes{{/if}}', 'yes'],
  ['{{#if (not tags)}}none{{/if}}', 'none'],
  ['{{#if (startsWith job.name "sh")}}yes{{/if}}', 'yes'],
  ['{{#if (endsWith job.name "op")}}yes{{/if}}', 'yes'],
  ['{{#if (contains job.name "ho")}}yes{{/if}}', 'yes'],
  ['{{#if (gt logs.maxFiles 9)}}many{{/if}}', 'many'],
  ['{{#if (le logs.maxFiles 9)}}few{{else}}many{{/if}}', 'many'],
  ['{{#if (lt "a" "b")}}yes{{/if}}', 'yes'],
  ['{{#if (ge "a" "b")}}yes{{else}}no{{/if}}', 'no'],
  ['{{#each job.datacenters}}{{this}}{{else}}none{{/each}}', 'none'],
])('%s comes out as %j', async (expression, expected) => {
  expect(await outOf(expression)).toBe(expected);
});

test('a meta key that a job lacks is empty', async () => {
  expect(await outOf('[{{meta.none}}]')).toBe('[]');
  expect(await outOf('[{{meta.some}}]', { some: 'thing' })).toBe('[thing]');
});

test('a name of all objects is no key of a map', async () => {
  expect(await outOf('[{{meta.constructor}}{{meta.__proto__}}{{meta.toString}}]')).toBe('[]');
});
