import { execFileSync } from 'node:child_process';
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { projectFolder } from './nvl.ts';

/** Writes to `home` what `npm pack` would ship, with this checkout's dependencies, and returns its program. */
export const writePackage = (home: string): string => {
  execFileSync(process.execPath, ['scripts/bundle.ts', join(home, 'dist')], { cwd: projectFolder });
  for (const name of ['package.json', 'bin/nvl.js', 'templates', 'vrl/nvl-vrl.wasm', 'vrl/nvl-vrl.wasm.sha256'])
    cpSync(join(projectFolder, name), join(home, name), { recursive: true });
  symlinkSync(join(projectFolder, 'node_modules'), join(home, 'node_modules'));
  return join(home, 'bin', 'nvl.js');
};
