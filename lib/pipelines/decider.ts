/** One thing of a task that decides which pipeline it is in. */
export type Decider = {
  /** As the template writes it (`{{params.level}}`, `#if meta.more`); what no template asks for, in words. */
  what: string;
  value: unknown;
  /** The path of the template that asks for it. */
  template: string | undefined;
};

/** For people: `{{params.level}} = "warn"`; words that say it all stand alone. Pure. */
export const deciderText = ({ what, value }: Pick<Decider, 'what' | 'value'>): string =>
  value === IS_SO ? what : `${what} = ${valueText(value)}`;

/** The value of what is said in words alone. */
export const IS_SO = 'is so';

const LONGEST_VALUE = 60;

/** Undefined: there the template does not ask for it. */
export const valueText = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
};
