/** What an encoder throws when its place cannot hold the value. */
export class Refused extends Error {
  readonly instead: string | undefined;

  constructor(why: string, instead?: string) {
    super(why);
    this.name = 'Refused';
    this.instead = instead;
  }
}

export const refuse = (why: string, instead?: string): never => {
  throw new Refused(why, instead);
};
