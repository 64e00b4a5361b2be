import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pathWithout } from './isolate.ts';

test('of the machine nothing is left: no variable of Nomad, Vector or nvl, no home, language, time zone or umask', () => {
  const foreign = /^(NOMAD|VECTOR|NVL|VAULT|CONSUL|XDG|GIT|npm)_|^(LOG|CI|TERM|LC_ALL)$|COLOR|_proxy$/i;
  expect(Object.keys(process.env).filter((name) => foreign.test(name))).toEqual([]);
  expect(readdirSync(homedir())).toEqual([]);
  expect(new Date(0).getTimezoneOffset()).toBe(0);
  expect(process.umask()).toBe(0o022);
  expect(execFileSync('sh', ['-c', 'command -v vector nomad || true'], { encoding: 'utf8' })).toBe('');
});

test.each([4646, 8686])('whatever listens on port %i answers no test', async (port) => {
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ cause: { code: 'ECONNREFUSED' } });
});

test('a folder that holds such a program is replaced by one with all the others, and no other folder is', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nvl-path-'));
  for (const name of ['a', 'b', 'links']) mkdirSync(join(folder, name));
  for (const name of ['a/vector', 'a/git', 'b/git']) writeFileSync(join(folder, name), '', { mode: 0o755 });
  const path = pathWithout({
    programs: ['vector'],
    path: `${folder}/a:${folder}/b:/no/such/folder`,
    folder: join(folder, 'links'),
  });
  expect(path).toBe(`${folder}/links/path-0:${folder}/b:/no/such/folder`);
  expect(readdirSync(join(folder, 'links/path-0'))).toEqual(['git']);
});
