import { expect, test } from 'vitest';
import { isTemplatePath, strangersAmong } from '../../lib/config/template-names.ts';

const strangerOf = (path: string, text = '') => {
  const [found] = strangersAmong([{ path, text }]);
  return found === undefined ? undefined : [found.place, found.takes ? 'takes' : 'near'];
};

test.each([
  'vector/source.toml.hbs',
  'vector/transform.toml.hbs',
  'vector/sink.toml.hbs',
  'vector/labels.toml.hbs',
  'profiles/web/source.toml.hbs',
  'profiles/web/sink.toml.hbs',
  'profiles/web/profile.yaml',
  'partials/head.hbs',
  'partials/head.toml.hbs',
  'partials/deep/er/head.hbs',
])('%s is read', (path) => {
  expect(isTemplatePath(path)).toBe(true);
  expect(strangerOf(path)).toBeUndefined();
});

test.each([
  // Its ending, its number, its case, a slip of a finger, more words.
  ['vector/sinks.toml.hbs', 'vector/sink.toml.hbs'],
  ['vector/sink.toml', 'vector/sink.toml.hbs'],
  ['vector/sink.hbs', 'vector/sink.toml.hbs'],
  ['vector/sink', 'vector/sink.toml.hbs'],
  ['vector/sink.toml.hb', 'vector/sink.toml.hbs'],
  ['vector/sink.toml.handlebars', 'vector/sink.toml.hbs'],
  ['vector/sink.toml.hbs.txt', 'vector/sink.toml.hbs'],
  ['vector/sink.yaml.hbs', 'vector/sink.toml.hbs'],
  ['vector/sink.tml.hbs', 'vector/sink.toml.hbs'],
  ['vector/sink.toml.hbs ', 'vector/sink.toml.hbs'],
  ['vector/Sink.toml.hbs', 'vector/sink.toml.hbs'],
  ['vector/SINK.TOML.HBS', 'vector/sink.toml.hbs'],
  ['vector/snik.toml.hbs', 'vector/sink.toml.hbs'],
  ['vector/loki-sink.toml.hbs', 'vector/sink.toml.hbs'],
  ['vector/sink-loki.toml.hbs', 'vector/sink.toml.hbs'],
  ['vector/sink.loki.toml.hbs', 'vector/sink.toml.hbs'],
  ['vector/sink (copy 2).toml.hbs', 'vector/sink.toml.hbs'],
  ['vector/transforms.toml.hbs', 'vector/transform.toml.hbs'],
  ['vector/transfrom.toml.hbs', 'vector/transform.toml.hbs'],
  ['vector/transform.vrl', 'vector/transform.toml.hbs'],
  ['vector/sources.toml.hbs', 'vector/source.toml.hbs'],
  ['vector/label.toml.hbs', 'vector/labels.toml.hbs'],
  ['profiles/web/transforms.toml.hbs', 'profiles/web/transform.toml.hbs'],
  ['profiles/web/profile.yml', 'profiles/web/profile.yaml'],
  ['profiles/web/profile.toml', 'profiles/web/profile.yaml'],
  ['profiles/web/profiles.yaml', 'profiles/web/profile.yaml'],
  // Its folder.
  ['sink.toml.hbs', 'vector/sink.toml.hbs'],
  ['Vector/sink.toml.hbs', 'vector/sink.toml.hbs'],
  ['vectors/sink.toml.hbs', 'vector/sink.toml.hbs'],
  ['default/sink.toml.hbs', 'vector/sink.toml.hbs'],
  ['default/sinks.toml', 'vector/sink.toml.hbs'],
  ['vector/sinks/loki.toml.hbs', 'vector/sink.toml.hbs'],
  ['templates/vector/sink.toml.hbs', 'vector/sink.toml.hbs'],
  ['profiles/default/transform.toml.hbs', 'vector/transform.toml.hbs'],
  ['profiles/web/vector/transform.toml.hbs', 'profiles/web/transform.toml.hbs'],
  ['profile/web/transform.toml.hbs', 'profiles/web/transform.toml.hbs'],
  ['Profiles/web/profile.yaml', 'profiles/web/profile.yaml'],
  ['vector/profiles/web/transform.toml.hbs', 'profiles/web/transform.toml.hbs'],
  ['templates/profiles/web/sinks.toml', 'profiles/web/sink.toml.hbs'],
  ['profiles/web.toml.hbs', 'profiles/web/transform.toml.hbs'],
  ['vector/profiles/web.hbs', 'profiles/web/transform.toml.hbs'],
  // Set aside, and nothing in its place.
  ['vector/sink.toml.hbs.bak', 'vector/sink.toml.hbs'],
  ['vector/sink.toml.hbs~', 'vector/sink.toml.hbs'],
])('%s is meant for %s', (path, place) => {
  expect(isTemplatePath(path)).toBe(false);
  expect(strangerOf(path)).toEqual([place, 'takes']);
});

test.each([
  ['vector/loki.toml.hbs', 'vector/sink.toml.hbs'],
  ['loki.toml', 'vector/sink.toml.hbs'],
  ['profiles/web/loki.toml.hbs', 'profiles/web/sink.toml.hbs'],
  ['profiles/loki.toml.hbs', 'profiles/loki/sink.toml.hbs'],
  ['profiles/sink.toml.hbs', 'vector/sink.toml.hbs'],
  ['vector/profiles/sink.toml.hbs', 'vector/sink.toml.hbs'],
])('%s, with a sink in it, is meant for %s', (path, place) => {
  expect(strangerOf(path, '# to Loki\n[sinks.loki]\ntype = "loki"\n')).toEqual([place, 'takes']);
});

test.each([
  ['partials/head.toml', 'partials/head.hbs'],
  ['partials/head.toml.hb', 'partials/head.hbs'],
  ['partial/head.hbs', 'partials/head.hbs'],
  ['vector/partials/head.hbs', 'partials/head.hbs'],
  ['profiles/web/labels.toml.hbs', 'vector/labels.toml.hbs'],
  ['vector/profile.yaml', 'profiles/<name>/profile.yaml'],
  ['profiles/web/test/lines.yaml', 'profiles/web/tests/lines.yaml'],
  ['profiles/web/tests.yaml', 'profiles/web/tests/tests.yaml'],
  ['profiles/default/tests/lines.yaml', 'vector/tests/lines.yaml'],
  ['web/transform.toml.hbs', 'profiles/web/transform.toml.hbs'],
  ['vector/extra.toml.hbs', undefined],
  ['profiles/team/web/transform.toml.hbs', 'profiles/team/transform.toml.hbs'],
  ['scripts/lint.sh', undefined],
])('%s is not read, and its nearest place is %s', (path, place) => {
  expect(strangerOf(path)?.[0]).toBe(place);
});

test.each([
  'README',
  'README.md',
  'profiles/README.md',
  'LICENSE-MIT',
  'Makefile',
  'CODEOWNERS',
  'nvl.yaml',
  'docs/sink.toml.hbs',
  '.git/sink.toml.hbs',
  '.gitlab-ci.yml',
  '.gitignore',
  '.github/workflows/logs.yml',
  'node_modules/x/sink.toml.hbs',
  'samples/json/transform.toml.hbs',
  'recordings/node.json',
  'vector/source.toml.hbs~',
  'vector/.sink.toml.hbs.swp',
  'vector/.#sink.toml.hbs',
  'vector/#sink.toml.hbs#',
  'vector/transform.toml.hbs.orig',
  'vector/transform.toml.hbs.rej',
  'profiles/web/transform.toml.hbs.off',
  'profiles/web/sink.toml.hbs.bak',
  'profiles/web/notes.txt',
  'profiles/web/source.log',
  'profiles/web/parse.vrl',
  'profiles/web/tests/lines.yaml',
  'profiles/web/tests/sink.toml.hbs',
  'vector/tests/lines.yaml',
])('%s is known to be no template', (path) => {
  expect(strangerOf(path, '[sinks.x]\n')).toBeUndefined();
});
