import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ownDataDir, withDataDir } from '../../lib/vector/proof/own-data-dir.ts';
import { ownFolder, writeFiles } from './support.ts';

test.each([
  ['toml', 'data_dir = "/a" # mine\n[sinks.x]\ntype = "$T"\n', 'data_dir = "/own"\n[sinks.x]\ntype = "$T"\n'],
  ['yaml', 'sinks: {}\ndata_dir: /a\napi:\n  enabled: true\n', 'sinks: {}\ndata_dir: "/own"\napi:\n  enabled: true\n'],
  ['json', '{"data_dir":"/a","sinks":{}}', '{"data_dir":"/own","sinks":{}}'],
] as const)('%s: the data folder is another, and all else is the same', (format, text, changed) => {
  expect(withDataDir({ text, format, dataDir: '/own' })).toBe(changed);
});

test.each([
  ['is set nowhere', 'toml', '[api]\nenabled = true\n'],
  ['belongs to a component', 'toml', '[sources.j]\ntype = "journald"\ndata_dir = "/a"\n'],
  ['runs over lines', 'toml', 'data_dir = """\n/a"""\n'],
  ['cannot be read before Vector interpolates', 'toml', 'data_dir = $DIR\n'],
] as const)('one that %s is left alone', (_, format, text) => {
  expect(withDataDir({ text, format, dataDir: '/own' })).toBeUndefined();
});

const look = async (files: Record<string, string>) => {
  const folder = await ownFolder();
  await writeFiles(folder, files);
  const places = Object.keys(files).map((name) => ({ file: join(folder, name) }));
  const dataDir = join(folder, 'own');
  const { standIns, added } = await ownDataDir({ files: places, dataDir, folder: join(folder, 'copies') });
  const copies = await Promise.all([...standIns.values(), ...added].map((file) => readFile(file, 'utf8')));
  return {
    named: [...standIns.keys()].map((file) => file.slice(folder.length + 1)),
    copies: copies.map((text) => text.replaceAll(dataDir, '/own')),
  };
};

test('two files that agree are both stood in for', async () => {
  expect(await look({ 'a.toml': 'data_dir = "/x"', 'b.yaml': 'data_dir: /x' })).toEqual({
    named: ['a.toml', 'b.yaml'],
    copies: ['data_dir = "/own"', 'data_dir: "/own"'],
  });
});

test('two that contradict each other are left for Vector to refuse', async () => {
  expect(await look({ 'a.toml': 'data_dir = "/x"', 'b.toml': 'data_dir = "/y"' })).toEqual({ named: [], copies: [] });
});

test('one that is not known before it is interpolated leaves all as it is', async () => {
  expect(await look({ 'a.toml': 'data_dir = $DIR' })).toEqual({ named: [], copies: [] });
});
