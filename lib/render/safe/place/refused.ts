/** Thrown by whatever writes a value, where its place cannot hold it: why, and what to write instead. */
export class Refused extends Error {
  readonly instead: string | undefined;

  constructor(why: string, instead?: string) {
    super(why);
    this.name = 'Refused';
    this.instead = instead;
  }
}

/** Throws `Refused`. */
export const refuse = (why: string, instead?: string): never => {
  throw new Refused(why, instead);
};
