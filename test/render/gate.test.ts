import { expect, test } from 'vitest';
import { aContext, aTransform, idOf, someTemplates } from '../support/builders.ts';
import { refusedIn, renderOf } from './support.ts';

// Tasks of one template share its shape, so that it is judged once for many. What one job's meta makes of it must not slip
// through behind a task that was judged before.

const aTask = (digit: number, x: string) =>
  aContext({ id: idOf(digit), task: `app${digit}`, taskMeta: { nvl_profile: 'mine', x } });

const named = `[transforms.{{id}}_{{meta.x}}]\ntype = "remap"\ninputs = ["{{input}}"]\nsource = "."\n`;
const reading = `[transforms.{{id}}_a]\ntype = "remap"\ninputs = ["{{id}}{{meta.x}}"]\nsource = "."\n`;
const transform = (text: string) => ({ 'profiles/mine/transform.toml.hbs': `${text}${aTransform()}` });

test.each([
  ['the labels', transform(named), 'out', '{{id}}_out is written by nvl itself'],
  ['the stream', transform(named), 'stream', '{{id}}_stream is written by nvl itself'],
  ['a name without an end', transform(named), '', 'a transform must be called {{id}}_ and a name'],
  ['its own labels as an input', transform(reading), '_out', 'not a part of its own task before the labels'],
  [
    'an empty path',
    { 'profiles/mine/source.toml.hbs': '[sources.{{id}}]\ntype = "file"\ninclude = ["{{meta.x}}"]\n' },
    '',
    'Vector would end over it',
  ],
])('a job cannot choose %s', async (_, files, x, why) => {
  const templates = await someTemplates(files);
  const harmless = [1, 2, 3].map((digit) => aTask(digit, '_parse'));
  const evil = aTask(7, x);
  for (const tasks of [[...harmless, evil], [evil, ...harmless], [evil]]) {
    const rendered = await renderOf({ templates, tasks });
    const found = refusedIn(rendered).find(({ key }) => key === evil.id);
    expect(found?.why.join('\n')).toContain(why);
  }
});
