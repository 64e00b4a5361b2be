/** A text in which `${NAME:-value}` is that value, with the names; one without a value stays as it is. Pure. */
export const withDefaults = (text: string): { text: string; names: string[] } => {
  const names: string[] = [];
  const written = text.replaceAll(/\$\{(\w+):?-([^}]*)\}/g, (_, name: string, value: string) => {
    names.push(name);
    return value;
  });
  return { text: written, names };
};
