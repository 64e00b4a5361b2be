import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compileSafe, places } from '../../lib/render/safe/index.ts';
import type { Place, PlaceId } from '../../lib/render/safe/place/place.ts';

const rows = Object.entries(places) as [PlaceId, Place][];

/** What stands around an example that needs a component to be what it is. */
const openings: Partial<Record<PlaceId, string>> = {
  template: '[sinks.x]\ntype = "file"\n',
  templateKey: '[sinks.x]\ntype = "loki"\n',
  tomlKey: '[sources.x]\ntype = "static_metrics"\n[[sources.x.metrics]]\n',
  unknownOption: '[sinks.x]\ntype = "loki"\n',
  inputs: '[sinks.x]\ntype = "loki"\n',
  glob: '[sources.x]\ntype = "file"\n',
  regexOption: '[sources.x]\ntype = "file"\n',
};

const around = (id: PlaceId, text: string): string => {
  if (id.startsWith('vrl')) return `[transforms.x]\ntype = "remap"\nsource = '''\n${text}\n'''\n`;
  return `${openings[id] ?? ''}${text}\n`;
};

test.each(rows)('the example of %s is true', (id, { example }) => {
  const rendered = compileSafe({ name: id, text: around(id, example.template) }).render({ value: example.value });
  if (example.result === 'refused') expect(rendered).toMatchObject({ ok: false });
  else expect(rendered).toMatchObject({ ok: true, text: around(id, example.result) });
});

const code = (text: string): string => `\`\` ${text.replaceAll('\n', ' ⏎ ')} \`\``;

const table = [
  '| place | how a value is written | refused | example | `value` | becomes |',
  '|---|---|---|---|---|---|',
  ...rows.map(([, { name, description, refuses, example }]) => {
    const result = example.result === 'refused' ? 'refused' : code(example.result);
    return `| ${[name, description, refuses, code(example.template), code(JSON.stringify(example.value)), result].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  }),
].join('\n');

test('docs/safe-values.md holds the table of places as the data have it', () => {
  const page = readFileSync(new URL('../../docs/safe-values.md', import.meta.url), 'utf8');
  expect(page, `write this table into it:\n${table}`).toContain(table);
});
