/**
 * What stands under `.nvl` in an event is said by nvl, or by a profile whose program names it. A line that is parsed can hold an
 * `nvl` of its own, which would read as a mark: it is taken away behind the profile, by the shipped labels, or where a
 * team's own labels do not see to it, by a component before them.
 */
export const guardComponent = ({
  own,
  input,
  namesMarks,
}: {
  /** Its id. */
  own: string;
  input: string;
  namesMarks: boolean;
}): string =>
  `[transforms.${own}]
# Written by nvl: what a line itself says under nvl's name is no mark of nvl's.
type = "remap"
inputs = ["${input}"]
source = '''
${withoutForged({ namesMarks })}
'''`;

/** VRL that leaves under `.nvl` what the profile says, where it says anything. */
export const withoutForged = ({ namesMarks }: { namesMarks: boolean }): string =>
  `del(."nvl.profile_error")
del(."nvl.parse_error")
${namesMarks ? 'del(.nvl.profile_error, compact: true)' : 'del(.nvl)'}`;

/** Whether a profile's transforms say something under `.nvl` themselves: `.nvl.parse_error = …`, `set!(., ["nvl", …])`. */
export const namesMarksIn = (transform: string): boolean => NVL.test(transform.replaceAll(COMMENT, ''));

/** A path or its part, perhaps in quotes; neither nvl's metadata (`%nvl`) nor an id of nvl's (`nvl_…`). */
const NVL = /[.[]\s*\\?["']?nvl(?!\w)/;
const COMMENT = /^\s*#.*$/gm;

/** Whether these labels take away what a line says under nvl's name, and keep the mark that nvl sets. */
export const keepsOwnMarks = (labels: string): boolean => labels.includes('%nvl.profile_error');
