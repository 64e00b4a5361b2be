/** As Go's strconv.ParseBool, which Nomad reads its variables and flags with; undefined for anything else. */
export const parseBool = (text: string): boolean | undefined => {
  if (['1', 't', 'T', 'TRUE', 'true', 'True'].includes(text)) return true;
  return ['0', 'f', 'F', 'FALSE', 'false', 'False'].includes(text) ? false : undefined;
};
