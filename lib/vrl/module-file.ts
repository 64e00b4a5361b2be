import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, NvlError } from '../errors.ts';
import { packageRoot } from '../package-root.ts';
import { type WasmModule, WebAssembly } from './web-assembly.ts';

/** The module that nvl carries; its digest is in a file beside it. */
export const vrlModuleFile = (): string => join(packageRoot(), 'vrl', 'nvl-vrl.wasm');

/** Reads the module and compiles it, if it is the one that its digest speaks of. */
export const readVrlModule = async (file: string): Promise<WasmModule> => {
  try {
    const [bytes, listed] = await Promise.all([readFile(file), readFile(`${file}.sha256`, 'utf8')]);
    const digest = createHash('sha256').update(bytes).digest('hex');
    if (listed.split(/\s/, 1)[0] !== digest) throw new Error(`its SHA-256 is ${digest}, not that of ${file}.sha256`);
    return await WebAssembly.compile(bytes);
  } catch (cause) {
    throw new NvlError('vrlModule', {
      message: 'the module that compiles VRL cannot be used',
      facts: { file, said: messageOf(cause) },
      advice: 'install nvl anew',
      cause,
    });
  }
};
