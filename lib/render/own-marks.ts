/** Whether a profile's transforms say something under `.nvl` themselves: `.nvl.parse_error = …`, `set!(., ["nvl", …])`. */
export const namesMarksIn = (transform: string): boolean => NVL.test(transform.replaceAll(COMMENT, ''));

/** A path or its part, perhaps in quotes; neither nvl's metadata (`%nvl`) nor an id of nvl's (`nvl_…`). */
const NVL = /[.[]\s*\\?["']?nvl(?!\w)/;
const COMMENT = /^\s*#.*$/gm;
