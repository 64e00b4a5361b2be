import { expect, test } from 'vitest';
import { ownMetadataWrites } from '../../lib/render/own-metadata.ts';
import { aContext, aTransform, someTemplates } from '../support/builders.ts';
import { markOf, renderOf } from './support.ts';

// A profile chooses how a line is parsed, not whose line it is: the stream and nvl's marks stand in the metadata under nvl's name.

test.each([
  ['%nvl.stream = "stderr"', '%nvl.stream'],
  ['%"nvl".stream = "stderr"', '%"nvl".stream'],
  ['%"n\\u{76}l" = 1', '%"n\\u{76}l"'],
  ['%nvl = {}', '%nvl'],
  ['%nvl."x y"[0].z = 3', '%nvl."x y"[0].z'],
  ['% = parse_json!(.message)', '%'],
  ['% |= object!(parse_json!(.message))', '%'],
  ['%nvl.profile_error, err = to_string(.x)', '%nvl.profile_error'],
  ['.ok, %nvl = parse_json(.message)', '%nvl'],
  ['%nvl, .err.of[0] = parse_json(.message)', '%nvl'],
  ['if (%nvl.keeps_marks = true; true) { .a = 1 }', '%nvl.keeps_marks'],
  ['for_each({"nvl": 1}) -> |k, v| { % = set!(%, [k], v) }', '%'],
  ['del(%nvl.profile_error)', '%nvl.profile_error'],
  ['del(\n  target: %nvl, compact: true)', '%nvl'],
])('a program that writes nvl’s metadata is seen: %s', (program, written) =>
  expect(ownMetadataWrites(program)).toEqual([written]),
);

test.each([
  '.stream = %nvl.stream',
  '.stream = string(%nvl.stream) ?? "x"',
  'if %nvl.stream == "stderr" { .level = "error" }',
  '.seen = [%nvl.stream, .x]\n.y = 1',
  '.half = 7 % 2',
  '.odd = (.n % nvl) == 1',
  '%mine.stream = "x"',
  '%nvlx = 1',
  'del(%mine)',
  '.message = "%nvl = 1"',
  ". = s'% = 1'",
  '# %nvl = 1\n.a = 1',
  '.t = parse_timestamp!(.t, "%Y = %m")',
  'this is "no VRL % = 1',
])('one that does not is let be: %s', (program) => expect(ownMetadataWrites(program)).toEqual([]));

test('its task ships by default, unparsed and marked, and the line of the template is named', async () => {
  const text = aTransform('%nvl.stream = "x"');
  const templates = await someTemplates({ 'profiles/mine/transform.toml.hbs': text });
  const task = aContext({ taskMeta: { nvl_profile: 'mine' } });
  const rendered = await renderOf({ templates, tasks: [task] });
  const [error] = rendered.refused.flatMap(({ errors }) => errors);
  expect(error?.code).toBe('blockRefused');
  expect(error?.message).toContain('writes %nvl.stream');
  expect(error?.facts.at).toMatch(/^profiles\/mine\/transform\.toml\.hbs:\d+$/);
  expect(markOf(rendered, task)).toBe('profile "mine" is refused');
});
