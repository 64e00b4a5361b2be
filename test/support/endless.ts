/** A program of VRL that takes longer than anybody waits. */
export const ENDLESS = `
.a = ${JSON.stringify('x'.repeat(30))}
for_each(split("${'1,'.repeat(2000)}", ",")) -> |_i, _v| {
  for_each(split("${'1,'.repeat(2000)}", ",")) -> |_j, _w| { .b = replace(string!(.a), r'(x+x+)+y', "z") }
}`;
