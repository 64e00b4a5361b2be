/**
 * A text inside a comment, which knows no escape: what is not plain is shown as `u+hex`. Most texts are plain, and looking
 * costs less than replacing.
 */
export const commentText = (text: string): string =>
  /^[\w./:@+\-=,; ]*$/.test(text)
    ? text
    : text.replace(/[^\w./:@+\-=,; ]/gu, (character) => `u+${character.codePointAt(0)?.toString(16)}`);
