/**
 * What Vector makes of a configuration's text before it parses it, where it interpolates (0.57, `config/vars.rs`):
 * `$X`, `${X}`, `${X:-default}`, `${X-default}`, `${X:?error}`, `${X?error}`; `$$` is a `$`. A variable that is not
 * there, or has a newline in it, stops the load: `missing` names those.
 */
export const interpolate = ({
  text,
  env,
}: {
  text: string;
  env: Readonly<Record<string, string | undefined>>;
}): { text: string; missing: string[] } => {
  const missing = new Set<string>();
  const replaced = text.replace(PATTERN, (_, plain?: string, braced?: string, flag = '', other = '') => {
    const name = plain ?? braced;
    if (name === undefined) return '$';
    const raw = env[name];
    const value = raw === undefined || /[\r\n]/.test(raw) ? undefined : raw;
    if (flag === '-') return value ?? other;
    if (flag === ':-') return value || other;
    if (value === undefined || (flag === ':?' && value === '')) missing.add(name);
    return value ?? '';
  });
  return { text: replaced, missing: [...missing] };
};

// Rust's [[:word:].] inside (?x), written for JavaScript.
const PATTERN = /\$\$|\$([\p{L}\p{M}\p{Nd}\p{Pc}.]+)|\$\{([\p{L}\p{M}\p{Nd}\p{Pc}.]+)(?:(:?-|:?\?)([^}]*))?\}/gu;
