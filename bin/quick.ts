import { quickStatus } from '../lib/commands/quick-status.ts';

/**
 * Prints `nvl status`, with as little of nvl as that takes: it is asked by people and programs again and again. False where the whole of
 * nvl has to do it.
 */
export const printStatus = async (): Promise<boolean> => {
  const text = await quickStatus({ args: process.argv.slice(3), env: process.env, cwd: process.cwd() });
  if (text === undefined) return false;
  // A reader that has seen enough (`nvl status | head`) is no error.
  process.stdout.on('error', () => {});
  process.stdout.write(text);
  return true;
};
