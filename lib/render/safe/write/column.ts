/** Stands for a value that is known only when an event comes: the VRL that reads it, in a string or bare. */
export class Column {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}
