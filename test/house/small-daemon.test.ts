import { expect, test } from 'vitest';
import { readSource, sourceFiles } from '../../scripts/imports.ts';

// Measured on Node 24, in MiB of a daemon that stays: the number formats of all languages 7, sorting by their rules 3,
// and an `import` of node:http, which reads its exports and loads fetch with them, 11 (lib/nomad/node-http.ts).
const DEAR = [/\btoLocale\w+/, /\bIntl\./, /\blocaleCompare\b/, /^import (?!type).*'node:(?:http|https|tls)'/m];

test('nothing that a daemon loads takes megabytes that its work does not need', () => {
  const faults = sourceFiles()
    .filter((file) => !file.startsWith('lib/demo/'))
    .flatMap((file) =>
      DEAR.filter((dear) => dear.test(withoutComments(readSource(file)))).map((dear) => `${file}: ${dear}`),
    );
  expect(faults).toEqual([]);
});

const withoutComments = (text: string): string => text.replace(/\/\*.*?\*\/|^\s*\/\/.*$/gms, '');
