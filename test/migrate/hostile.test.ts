import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseGoTemplate } from '../../lib/migrate/go/template.ts';
import { fromLogger, fromYaml } from './support.ts';

const DEEP = 5_000;

test.each([
  ['blocks within blocks', '{{ if .Job }}'.repeat(DEEP)],
  ['ranges within ranges', '{{ range . }}'.repeat(DEEP) + '{{ end }}'.repeat(DEEP)],
  ['brackets within brackets', `{{ ${'('.repeat(DEEP)}.Job${')'.repeat(DEEP)} }}`],
  ['opened and never closed', '{{'.repeat(DEEP)],
  ['a quote without an end', `{{ "${'x'.repeat(100_000)}`],
  ['comments', '{{/*'.repeat(DEEP)],
  ['blanks', `{{- ${' '.repeat(100_000)}`],
])('%s end soon, and are told', (_, text) => {
  const before = performance.now();
  expect(parseGoTemplate(text)).toHaveProperty('line');
  expect(performance.now() - before).toBeLessThan(5_000);
});

const PIECES = [
  '{{ range . }}',
  '{{ end }}',
  '{{ if eq .Job "a" }}',
  '{{ else }}',
  '{{ .Key }}',
  '{{- .Task -}}',
  '[transforms.a_',
  '[sinks.b]',
  ']\n',
  'type = "remap"\n',
  'inputs = ["transform_{{ .Key }}"]\n',
  'inputs = ["*"]\n',
  "source = '''\n.a = 1\n'''\n",
  '\n',
  '"',
  "'''",
  '\\',
  '{{ "{{" }}',
  '__proto__ = 1\n',
  '[sinks.__proto__]\n',
];

test('whatever stands in a template, it is written or told: nothing else is thrown', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...PIECES), { maxLength: 25 }), (pieces) => {
      const { files, notes } = fromLogger({ templates: { 'a.toml': pieces.join('') } });
      expect(files.size).toBeGreaterThan(0);
      expect(notes.length).toBeGreaterThan(0);
      // A word that stands for a value never stays.
      expect([...files.values()].join('')).not.toContain('nvlword');
    }),
    { numRuns: 500, examples: [[['[sinks.__proto__]\n', 'type = "remap"\n']]] },
  );
});

test('aliases that would burst are none', () => {
  const levels = Array.from(
    { length: 20 },
    (_, at) =>
      `a${at}: &a${at} [${Array(20)
        .fill(at === 0 ? 'x' : `*a${at - 1}`)
        .join(',')}]`,
  );
  expect(() => fromYaml(`${levels.join('\n')}\nsources: {}\n`)).toThrow(
    expect.objectContaining({ code: 'migrateUnreadable' }),
  );
});
