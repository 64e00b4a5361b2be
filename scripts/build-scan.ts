/** `npm run build:scan`: lib/nomad/list-scan.wat as the WebAssembly that nvl carries. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import wabt from 'wabt';

const folder = join(import.meta.dirname, '..', 'lib', 'nomad');
export const SCAN_MODULE = join(folder, 'list-scan-wasm.ts');

/** The text of the module, as it has to stand in `SCAN_MODULE`. */
export const assembleScan = async (): Promise<string> => {
  const { parseWat } = await wabt();
  const parsed = parseWat('list-scan.wat', readFileSync(join(folder, 'list-scan.wat'), 'utf8'));
  parsed.validate();
  const { buffer } = parsed.toBinary({});
  parsed.destroy();
  const lines = Buffer.from(buffer)
    .toString('base64')
    .replace(/.{1,110}/g, "  '$&' +\n")
    .replace(/ \+\n$/, '');
  return `// Made of list-scan.wat by \`npm run build:scan\`.\nexport const LIST_SCAN =\n${lines};\n`;
};

if (process.argv[1] === import.meta.filename) writeFileSync(SCAN_MODULE, await assembleScan());
