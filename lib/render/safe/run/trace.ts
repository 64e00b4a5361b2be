/**
 * What a template decided on the way, by the text of the block that asked: `['#if (eq a b)', true]`; of a list that `#each`
 * walked how many it held, of an object its keys, of a partial that a value chose its name.
 */
export type TemplateDecision = readonly [name: string, value: unknown];

/** Notes what one run of a template decides, and in which frame it is. */
export type Trace = ReturnType<typeof createTrace>;

/**
 * A frame is where a name means one thing: the template itself (frame 0), a round of `#each`, the inside of `#with`, a
 * partial that is given something. Two values with the same expression in one frame are the same.
 */
export const createTrace = () => {
  let decisions: TemplateDecision[] = [];
  let root: unknown;
  let frame = 0;
  let frames = 0;
  return {
    begin: (context: object): void => {
      decisions = [];
      root = context;
      frame = 0;
      frames = 0;
    },
    decide: (name: string, value: unknown): void => {
      decisions.push([name, value]);
    },
    /** `given`: what names mean in it; `hasNames`: the block gives names of its own. */
    inFrame: <T>({ given, hasNames = false }: { given: unknown; hasNames?: boolean }, run: () => T): T => {
      const outer = frame;
      frames += 1;
      frame = given === root && !hasNames ? 0 : frames;
      const made = run();
      frame = outer;
      return made;
    },
    frame: (): number => frame,
    decisions: (): readonly TemplateDecision[] => decisions,
  };
};
