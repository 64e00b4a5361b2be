/**
 * What a template decided on the way, by the text of the block that asked: `['#if (eq a b)', true]`; of a list that `#each`
 * walked how many it held, of an object its keys, of a partial that a value chose its name.
 */
export type TemplateDecision = readonly [name: string, value: unknown];

/** Notes what one run of a template decides, and in which frame it is. */
export type Trace = ReturnType<typeof createTrace>;

/**
 * A frame is where a name means one thing: the template itself (its frame is ''), a round of `#each`, the inside of `#with`, a
 * partial that is given something. Two values with the same expression in one frame are the same. It is told by the blocks
 * around it (`/#each tags 2`: the second time in this one), so that it stays the same when the template is edited elsewhere.
 */
export const createTrace = () => {
  let decisions: TemplateDecision[] = [];
  let root: unknown;
  let frame = '';
  let times = new Map<string, number>();
  return {
    begin: (context: object): void => {
      decisions = [];
      root = context;
      frame = '';
      times = new Map();
    },
    decide: (name: string, value: unknown): void => {
      decisions.push([name, value]);
    },
    /** `name`: of the block; `given`: what names mean in it; `hasNames`: the block gives names of its own. */
    inFrame: <T>(
      { name, given, hasNames = false }: { name: string; given: unknown; hasNames?: boolean },
      run: () => T,
    ): T => {
      const outer = frame;
      if (given === root && !hasNames) frame = '';
      else {
        const path = `${outer}/${name}`;
        const time = (times.get(path) ?? 0) + 1;
        times.set(path, time);
        frame = `${path} ${time}`;
      }
      const made = run();
      frame = outer;
      return made;
    },
    frame: (): string => frame,
    decisions: (): readonly TemplateDecision[] => decisions,
  };
};
